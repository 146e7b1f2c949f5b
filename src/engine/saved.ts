import { ExitCode, InvalidInputError, MeshplanError } from '../errors/index.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import { limitImpact } from '../plan/max-impact.js';
import { planToJson } from '../plan/plan-json.js';
import { basisOf } from '../saved/basis.js';
import { type BoundPlan, bindPlan } from '../saved/bind.js';
import { differingParts, digestDeclaration } from '../saved/declaration.js';
import { formatSavedPlan } from '../saved/format.js';
import type { Staleness } from '../saved/freshness.js';
import { type BaseState, isPlanned, type PlanInputs, type SavedPlan } from '../saved/saved-plan.js';
import type { Context, Survey } from './context.js';
import { compileFor, judged, surveyDestroy, surveyUnjudged } from './survey.js';

/** The text of a file that holds the plan of `found`, and its digest. */
export async function savePlan(
  context: Context,
  found: Survey,
  { inputs, state }: { inputs: PlanInputs; state: BaseState },
): Promise<{ text: string; digest: string }> {
  const { facts, plan, observations } = found;
  return formatSavedPlan({
    plan: planToJson(plan),
    request: context.request,
    inputs,
    state,
    ...(facts.root ? { root: facts.root.fingerprint } : {}),
    declaration: await declarationOf(context, facts),
    basis: basisOf(plan, observations),
  });
}

/**
 * Reads the clusters again and gives what of a saved plan is still to be done; `context.request` must be that
 * of the file. Throws, with nothing changed, `plan-declaration-changed`, `cluster-changed`, `root-changed`, and
 * without `partial` also `stale-object` and `cluster-unreachable`.
 */
export async function surveySaved(
  context: Context,
  saved: SavedPlan,
  { partial }: { partial: boolean },
): Promise<Survey & { stale: Diagnostic[] }> {
  const { maxImpact: _, ...request } = context.request;
  // What the saved plan leaves as it is must not count against the limit.
  const unlimited = { ...context, request };
  const isApply = saved.plan.mode === 'apply';
  const fresh = isApply ? await surveyUnjudged(unlimited) : await surveyDestroy(unlimited);
  refuseOtherClusters(saved, fresh.facts);
  refuseOtherRoot(saved, fresh.facts);
  await refuseOtherDeclaration(context, saved, fresh.facts);
  const bound = bindPlan(saved, fresh);
  const stale = bound.stale.map((item) => staleFinding(item, partial));
  if (!partial && stale.length > 0) throw new InvalidInputError(stale);
  if (!partial) refuseLostClusters(saved, fresh.facts);
  const cut = { ...fresh, ...limited(bound, stale, context) };
  // What is left out, because it is stale or was not planned, may be what the rest leans on.
  return { ...(isApply ? judged(context, cut) : cut), stale };
}

function limited({ plan, held }: BoundPlan, stale: Diagnostic[], { request }: Context) {
  const warnings = stale.map((item) => ({ ...item, severity: 'warning' as const }));
  const whole = { ...plan, diagnostics: [...plan.diagnostics, ...warnings] };
  return { plan: limitImpact(whole, request), held };
}

/** Compiled as for clusters that hold nothing yet, for what they tell changes while a plan is carried out. */
async function declarationOf(context: Context, facts: Facts): Promise<Record<string, string>> {
  const { mesh } = context;
  const addresses = Object.fromEntries(
    mesh.clusters.flatMap(({ name, controlPlane }) => {
      const { address } = controlPlane.exposure;
      return address ? [[name, address]] : [];
    }),
  );
  const untold: Facts = { clusters: facts.clusters, addresses, cacerts: {}, readerTokens: {} };
  return digestDeclaration(mesh, await compileFor(context, untold));
}

async function refuseOtherDeclaration(context: Context, saved: SavedPlan, facts: Facts): Promise<void> {
  const unread = [...saved.plan.clusters, ...Object.entries(facts.clusters).map(named)]
    .filter((cluster) => !cluster.reachable)
    .map((cluster) => cluster.name);
  const current = await declarationOf(context, facts);
  const parts = differingParts(saved.declaration, current, unread);
  if (parts.length === 0) return;
  const more = parts.length > 5 ? ` and ${parts.length - 5} more` : '';
  throw invalid(
    'plan-declaration-changed',
    `the declaration is not what the plan was made of; these differ: ${parts.slice(0, 5).join(', ')}${more}`,
    'Plan again. mesh.yaml, its overlays and manifests, and istioctl must be those of the plan.',
  );
}

const named = ([name, { reachable }]: [string, Facts['clusters'][string]]) => ({ name, reachable });

function refuseOtherClusters(saved: SavedPlan, facts: Facts): void {
  for (const { name, uid } of saved.plan.clusters) {
    const known = facts.clusters[name];
    if (!uid || !known?.reachable || known.uid === uid) continue;
    throw invalid(
      'cluster-changed',
      `${name} leads to another cluster than when the plan was made (UID ${known.uid}, the plan has ${uid})`,
      'Point its context back, or plan again.',
    );
  }
}

function refuseOtherRoot(saved: SavedPlan, { root }: Facts): void {
  if (saved.root === undefined || root === undefined || root.fingerprint === saved.root) return;
  throw invalid(
    'root-changed',
    "the mesh's root certificate is another one than when the plan was made",
    'Put back the root of the plan, or plan again.',
  );
}

/** A plan that was approved as a whole is not done in part unless that is asked for. */
function refuseLostClusters(saved: SavedPlan, facts: Facts): void {
  for (const { name } of saved.plan.clusters.filter((cluster) => cluster.reachable)) {
    const known = facts.clusters[name];
    const isTouched = saved.plan.actions.some((action) => action.cluster === name && isPlanned(action));
    if (!known || known.reachable || !isTouched) continue;
    throw new MeshplanError(
      'cluster-unreachable',
      `${name} was read when the plan was made, and cannot be read now: ${known.error}`,
      {
        hint: 'Nothing was changed. --partial applies to the other clusters.',
        exitCode: ExitCode.incomplete,
      },
    );
  }
}

function staleFinding({ address, what, fields, by, at }: Staleness, partial: boolean): Diagnostic {
  const where = fields.length > 0 ? `: ${fields.join(', ')}` : '';
  const who = by ? `, by ${by}${at ? ` at ${at}` : ''}` : '';
  return {
    severity: 'error',
    code: 'stale-object',
    message: `${address} ${what}${where}${who}`,
    hint: partial
      ? 'Plan again for this cluster, and for what depends on it.'
      : 'Nothing was changed. Plan again, or apply to the other clusters with --partial.',
  };
}

const invalid = (code: string, message: string, hint: string) =>
  new MeshplanError(code, message, { hint, exitCode: ExitCode.invalid });
