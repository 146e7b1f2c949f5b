import { type Charts, chartInputs } from '../compile/charts.js';
import { compile } from '../compile/compile.js';
import type { MeshplanError } from '../errors/index.js';
import { gatherFacts } from '../facts/gather.js';
import { kubernetesFindings } from '../facts/kubernetes-versions.js';
import { surroundingsFindings } from '../facts/surroundings.js';
import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import { parseAddress, type Unread } from '../model/kube.js';
import { adopterOf } from '../observe/adoption.js';
import { observeForeign } from '../observe/foreign.js';
import { type Observations, observe } from '../observe/observe.js';
import { observeRemoval } from '../observe/removal.js';
import { observeSidecars } from '../observe/sidecars.js';
import { unfinishedRollouts } from '../observe/unfinished.js';
import { refuseVainAdoption } from '../plan/adoption.js';
import { buildDestroyPlan } from '../plan/destroy.js';
import { withFates } from '../plan/interrupted.js';
import { checkInvariants } from '../plan/invariants/index.js';
import { buildPlan } from '../plan/plan.js';
import { undeclared } from '../plan/removal.js';
import { bareFindings } from '../plan/restart.js';
import { leftOutAddresses } from '../plan/select.js';
import { abandonedClusters, abandonFindings, answeringFindings } from './abandon.js';
import { checkAhead } from './check-ahead.js';
import type { Context, Survey } from './context.js';
import { identityFindings, renamedClusters } from './identity.js';
import { liveVerdict, readLint, verdictOnRemoval, withWaived } from './lint.js';
import { refine } from './refine.js';

/** facts → compile → observe → diff → plan: reads the clusters and changes nothing. */
export const survey = async (context: Context): Promise<Survey> =>
  judged(context, await surveyUnjudged(context));

/** The same before it is seen whether the mesh holds on its way, for what is cut down first. */
export async function surveyUnjudged(context: Context): Promise<Survey> {
  const { facts: first, actions, diagnostics } = await desire(context);
  const observations = await observe({
    mesh: context.mesh.name,
    objects: actions.flatMap((action) => action.objects),
    facts: first,
    clusters: context.clusters,
    known: context.known,
    extraKinds: [...kindsOf(context), ...slicesOfMoving(first)],
    adopts: adopterOf(context.request, context.mesh.name),
  });
  const facts = withoutLost(first, observations.lost);
  const warnings = await checkAhead({
    checks: context.checks,
    facts,
    actions,
    observations: observations.objects,
  });
  const [pods, reading] = await Promise.all([
    readPods(context, actions, facts, observations),
    readLint(context, facts),
  ]);
  const orphans = undeclared(actions, observations.ours);
  const foreign = await observeForeign({
    orphans,
    ours: observations.ours,
    facts,
    clusters: context.clusters,
  });
  const verdict = liveVerdict(context, { facts, actions }, reading, {
    findings: bareFindings(actions, pods.bare),
    unread: pods.unread,
  });
  const plan = buildPlan({
    mesh: context.mesh,
    actions,
    facts,
    observations,
    foreign,
    known: context.known,
    ...(context.leaving ? { leaving: context.leaving } : {}),
    ...pods,
    unread: [...pods.unread, ...reading.unread],
    diagnostics: [...verdict.diagnostics, ...diagnostics, ...demands(context, facts), ...warnings],
  });
  const { bare, unfinished } = pods;
  return finish(context, {
    facts,
    actions,
    observations,
    plan: withWaived(plan, verdict),
    bare,
    unfinished,
    reading,
  });
}

/** How the pods of declared workloads are, as far as it is asked for. */
async function readPods(
  context: Context,
  actions: readonly DesiredAction[],
  facts: Facts,
  observations: Observations,
): Promise<Required<Pick<Survey, 'bare' | 'unfinished'>> & { unread: Unread[] }> {
  const { pods, unread } = await observeSidecars({
    mesh: context.mesh,
    objects: actions.flatMap((action) => action.objects),
    observations: observations.objects,
    facts,
    clusters: context.clusters,
  });
  const unfinished = unfinishedRollouts(context.begun ?? new Set(), observations.objects);
  return { bare: pods, unfinished, unread };
}

/** What a mesh needs of its clusters; its removal needs none of that. */
const demands = ({ mesh }: Context, facts: Facts): Diagnostic[] => [
  ...kubernetesFindings(mesh, facts),
  ...surroundingsFindings(mesh, facts),
];

/** With a word on each step by which the mesh would break. */
export function judged({ mesh }: Context, found: Survey): Survey {
  const broken = checkInvariants({ ...found, mesh });
  return { ...found, plan: { ...found.plan, diagnostics: [...found.plan.diagnostics, ...broken] } };
}

/** The same reading, planned as the removal of everything that is ours. */
export async function surveyDestroy(context: Context): Promise<Survey> {
  const { facts: first, actions, diagnostics } = await desire(context);
  const removal = await observeRemoval({
    mesh: context.mesh.name,
    desired: actions.flatMap((action) => action.objects),
    facts: first,
    clusters: context.clusters,
    known: context.known,
    extraKinds: kindsOf(context),
  });
  const facts = withoutLost(first, removal.lost);
  const verdict = verdictOnRemoval(context);
  const plan = buildDestroyPlan({
    mesh: context.mesh,
    actions,
    facts,
    removal,
    known: context.known,
    diagnostics: [...verdict.diagnostics, ...diagnostics],
  });
  const { ours, unread, lost } = removal;
  const observations = { objects: new Map(), ours, left: new Map(), unread, lost };
  return finish(context, { facts, actions, observations, plan });
}

/** The plan as it was asked for, with what an earlier run left half done. */
function finish({ interrupted, known, request }: Context, found: Survey): Survey {
  const { ours } = found.observations;
  const plan = refine(withFates(found.plan, { interrupted, ours, known }), request, found.actions);
  const abandoned = abandonedClusters(request.abandon ?? [], known);
  return {
    ...found,
    plan: abandoned.length > 0 ? { ...plan, abandoned } : plan,
    held: leftOutAddresses(plan),
  };
}

/** A cluster that stopped answering half-way counts as one that never answered. */
function withoutLost(facts: Facts, lost: ReadonlyMap<string, MeshplanError>): Facts {
  const gone = [...lost].map(([name, { message, hint }]) => {
    const server = facts.clusters[name]?.server ?? '';
    return [name, { reachable: false as const, server, error: message, ...(hint ? { hint } : {}) }] as const;
  });
  return { ...facts, clusters: { ...facts.clusters, ...Object.fromEntries(gone) } };
}

/** The desired actions for what is known now. */
export async function compileFor(
  context: Pick<Context, 'mesh' | 'render'>,
  facts: Facts,
): Promise<DesiredAction[]> {
  const inputs = chartInputs(context.mesh, facts.addresses, facts.inherited);
  const charts: Charts = {};
  await Promise.all(
    inputs.map(async ({ cluster, operator }) => {
      charts[cluster] = await context.render(operator);
    }),
  );
  return compile(context.mesh, facts, charts);
}

async function desire(context: Context) {
  const { facts, diagnostics } = await gatherFacts(context.mesh, context.access, context.trust, {
    adopts: adopterOf(context.request, context.mesh.name),
    parseYaml: context.parseYaml,
  });
  const actions = await compileFor(context, facts);
  refuseVainAdoption(context.request, actions);
  return {
    facts,
    actions,
    diagnostics: [
      ...context.diagnostics,
      ...diagnostics,
      ...identityFindings(context.mesh.clusters, facts, context.identities, context.elsewhere),
      ...(await abandonment(context, facts)),
    ],
  };
}

async function abandonment(context: Context, facts: Facts): Promise<Diagnostic[]> {
  const { mesh, known, request, givenUp, identities } = context;
  const abandoned = abandonedClusters(request.abandon ?? [], known);
  const connected = [...givenUp.values()].filter((cluster) => cluster !== undefined);
  const answering = await answeringFindings(connected);
  const renamed = renamedClusters(facts, identities);
  return [...abandonFindings(mesh, known, abandoned, new Set(givenUp.keys()), renamed), ...answering];
}

/** A former primary has EndpointSlices by controllers, also where a remote has none of its own (a hostname). */
const slicesOfMoving = ({ moves = {} }: Facts) =>
  Object.keys(moves).map((cluster) => ({
    cluster,
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
  }));

/** Kinds that the state knows of, so that what left mesh.yaml is found as well. */
function kindsOf(context: Context): { cluster: string; apiVersion: string; kind: string }[] {
  const refs = [...context.known.keys()].map(parseAddress).filter((ref) => ref !== undefined);
  return [...new Map(refs.map((ref) => [`${ref.cluster} ${ref.apiVersion} ${ref.kind}`, ref])).values()];
}
