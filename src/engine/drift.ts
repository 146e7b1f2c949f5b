import { buildDriftReport } from '../drift/report.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { DriftReport } from '../model/drift.js';
import type { Facts } from '../model/facts.js';
import type { SyncReading } from '../model/verify.js';
import { observeFenced } from '../observe/fenced.js';
import { observeMeaning } from '../observe/meaning.js';
import { wantedIn } from '../plan/select.js';
import type { Context } from './context.js';
import { survey } from './survey.js';

/** What `drift` looks through beside the clusters themselves. */
export interface DriftLooks {
  /** Asks istiod of the primaries which clusters it has read. */
  readSync(facts: Facts): Promise<SyncReading[]>;
  /** Fingerprint of the root that meshplan made last, as the state has it. */
  lastRoot?: string;
}

/** The plan, and beside it what an apply would not change: what others added, and what no field tells. */
export async function surveyDrift(context: Context, looks: DriftLooks): Promise<DriftReport> {
  const { facts, actions, observations, plan: found, reading } = await survey(context);
  const plan = { ...found, diagnostics: found.diagnostics.filter(isNoDrift) };
  const [meaning, sync, fenced, root] = await Promise.all([
    observeMeaning({
      mesh: context.mesh,
      facts,
      clusters: context.clusters,
      observations: observations.objects,
      rules: reading?.rules ?? new Map(),
    }),
    looks.readSync(facts),
    observeFenced(context.fenced, context.clusters, context.parseYaml),
    intendedRoot(context, facts, looks.lastRoot),
  ]);
  const report = buildDriftReport(plan, {
    mesh: context.mesh,
    facts,
    actions,
    observations: observations.objects,
    meaning,
    sync,
    fenced,
    certificates: context.trust,
    ...(root ? { root } : {}),
    now: new Date(),
  });
  const isWanted = wantedIn(plan);
  const drift = report.plan.drift.filter(({ address }) => isWanted(address));
  return { ...report, plan: { ...report.plan, drift } };
}

/** Rules of others are entries of the report, with their authors. */
const isNoDrift = ({ code, severity }: Diagnostic) => code !== 'foreign-rule' || severity === 'error';

/**
 * The root that the mesh is meant to have: the one kept here, else the last one that was made, else what
 * most likely is right, that of a primary. So a job without the root still tells which cluster differs.
 */
async function intendedRoot(
  { mesh, trust }: Context,
  facts: Facts,
  lastRoot: string | undefined,
): Promise<string | undefined> {
  if (mesh.trust.source === 'secret') return undefined;
  const local = await trust.localRoot();
  return local ? trust.fingerprint(local.certPem) : (lastRoot ?? facts.root?.fingerprint);
}
