import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { DriftEntry } from '../model/drift.js';
import type { Facts } from '../model/facts.js';
import { addressOf, refOf, type Unread } from '../model/kube.js';
import {
  CHANGES,
  type Change,
  isUnread,
  type Plan,
  type PlannedAction,
  type PlannedCluster,
  type PlannedObject,
  type Reason,
  type Summary,
} from '../model/plan.js';
import { wayOutFor } from '../model/promotion.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import type { Observation, Observations } from '../observe/observe.js';
import type { KnownObjects } from '../observe/ours.js';
import type { BarePods } from '../observe/sidecars.js';
import { propagateBlocks } from './blocks.js';
import {
  fencedFindings,
  findingsOf,
  notOursFindings,
  unfinishedFindings,
  unreachableFindings,
  unreadFindings,
} from './findings.js';
import { withImpacts } from './impact.js';
import { planObject } from './objects.js';
import { heldFindings, removalActions } from './removal.js';

/** Everything that a plan is made of; no cluster is asked any more. */
export interface PlanInput {
  mesh: ResolvedMesh;
  actions: DesiredAction[];
  facts: Facts;
  observations: Observations;
  /** Undeclared Namespaces and CRDs of ours that hold objects of others, by address. */
  foreign: ReadonlyMap<string, string[]>;
  known: KnownObjects;
  /** Addresses that an earlier run began to delete: gone by its hand, if they are. */
  leaving?: ReadonlySet<string>;
  /** Pods without a sidecar, by address of their workload. */
  bare?: ReadonlyMap<string, BarePods>;
  /** Rollouts that an earlier run began and that are not complete, by address: how far they are. */
  unfinished?: ReadonlyMap<string, string>;
  /** What could not be read beside the objects; the plan is complete without it. */
  unread?: readonly Unread[];
  diagnostics: Diagnostic[];
}

/** The plan that leads from the live clusters to the declaration. */
export function buildPlan(input: PlanInput): Plan {
  const drift: DriftEntry[] = [];
  const diagnostics = [
    ...input.diagnostics,
    ...unreachableFindings(input, wayOutFor),
    ...unreadFindings([...input.observations.unread, ...(input.unread ?? [])]),
    ...heldFindings(input.foreign, 'apply'),
  ];
  const standing = new Map([...input.known].filter(([address]) => !input.leaving?.has(address)));
  const planned = input.actions.map((action) => {
    const result = planAction(action, input.observations.objects, standing, input.bare);
    if (action.kind === 'root-ca' && input.facts.rootUndecided)
      result.planned = undecided(result.planned, input);
    drift.push(...result.drift);
    diagnostics.push(...result.diagnostics);
    return result.planned;
  });
  const actions = withImpacts(propagateBlocks([...planned, ...removalActions(input)]), input.mesh);
  const objects = planned.flatMap((action) => action.objects);
  diagnostics.push(
    ...fencedFindings(objects),
    ...notOursFindings(objects),
    ...unfinishedFindings(objects, input.unfinished),
  );
  const { complete, ...rest } = frame(input);
  return {
    ...rest,
    complete: complete && input.observations.unread.length === 0,
    mode: 'apply',
    actions,
    drift,
    diagnostics,
    summary: summarise(actions),
  };
}

/** A root may live in a cluster that cannot be read; a second one would split the mesh. */
const undecided = (
  action: PlannedAction,
  { facts, mesh }: Pick<PlanInput, 'facts' | 'mesh'>,
): PlannedAction => {
  const isWhole =
    mesh.fenced.length === 0 && Object.values(facts.clusters).every(({ reachable }) => reachable);
  return { ...action, change: 'unknown', reason: isWhole ? 'forbidden' : 'cluster-unreachable' };
};

/** The parts of a plan that do not depend on its actions. */
export function frame({
  mesh,
  facts,
}: Pick<PlanInput, 'mesh' | 'facts'>): Pick<
  Plan,
  'formatVersion' | 'mesh' | 'complete' | 'environment' | 'overlays' | 'clusters' | 'fenced'
> {
  const fenced = mesh.fenced.map(({ name, since }) => ({ name, since }));
  return {
    formatVersion: '1',
    mesh: mesh.name,
    complete: Object.values(facts.clusters).every((cluster) => cluster.reachable),
    ...(mesh.environment ? { environment: mesh.environment.name } : {}),
    overlays: mesh.overlays,
    clusters: mesh.clusters.map((cluster) => describeCluster(cluster.name, facts)),
    ...(fenced.length > 0 ? { fenced } : {}),
  };
}

function describeCluster(name: string, facts: Facts): PlannedCluster {
  const known = facts.clusters[name];
  if (!known?.reachable) {
    return {
      name,
      uid: '',
      server: known?.server ?? '',
      version: '',
      reachable: false,
      error: known?.error ?? '',
    };
  }
  return { name, uid: known.uid, server: known.server, version: known.version, reachable: true };
}

/** One action, from its objects. Used again during apply, when a value has become known. */
export function planAction(
  action: DesiredAction,
  observations: Map<string, Observation>,
  known: KnownObjects,
  bare: ReadonlyMap<string, BarePods> = new Map(),
): { planned: PlannedAction; drift: DriftEntry[]; diagnostics: Diagnostic[] } {
  const drift: DriftEntry[] = [];
  const diagnostics: Diagnostic[] = [];
  const objects = action.objects.map((desired) => {
    const address = addressOf(refOf(desired.cluster, desired.object));
    const observation = observations.get(address);
    const result = planObject(desired, observation, known, bare.get(address));
    drift.push(...(result.drift ?? []));
    diagnostics.push(...findingsOf(desired, observation, action.source));
    return result.planned;
  });
  const { id, kind, cluster, after, purpose, source, notes } = action;
  const { change, reason } = changeOf(action, objects);
  return {
    planned: {
      id,
      kind,
      cluster,
      after,
      change,
      reason,
      purpose,
      ...(source ? { source } : {}),
      ...(notes ? { notes } : {}),
      // What it does to traffic depends on what else there is: `withImpacts` tells it for a whole plan.
      impact: 'none',
      objects,
    },
    drift,
    diagnostics,
  };
}

/** The change that tells most about an action's objects. */
export function changeOf(
  action: Pick<DesiredAction, 'effect'>,
  objects: PlannedObject[],
): { change: Change; reason: Reason } {
  const changed = objects.filter((object) => object.change !== 'noop');
  const [first] = changed;
  if (!first) {
    if (!action.effect) return { change: 'noop', reason: 'in-sync' };
    return action.effect.type === 'ensure-root'
      ? { change: 'create', reason: 'absent' }
      : { change: 'unknown', reason: 'awaits-value' };
  }
  const order: ((object: PlannedObject) => boolean)[] = [
    ({ change }) => change === 'blocked',
    // An action of which a part is not known is not begun, whatever else it would change.
    ({ reason }) => isUnread(reason),
    ({ change }) => change === 'replace',
    ({ change }) => change === 'delete',
    ({ change }) => change === 'unknown',
  ];
  for (const decides of order) {
    const found = changed.find(decides);
    if (found) return { change: found.change, reason: found.reason };
  }
  const allNew = changed.length === objects.length && changed.every((object) => object.change === 'create');
  return { change: allNew ? 'create' : 'update', reason: first.reason };
}

/** Counts objects; an action without objects counts as one. */
export function summarise(actions: PlannedAction[]): Summary {
  const summary = Object.fromEntries(CHANGES.map((change) => [change, 0])) as Summary;
  for (const action of actions) {
    if (action.objects.length === 0) summary[action.change] += 1;
    for (const object of action.objects) {
      const blocked = action.change === 'blocked' && object.change !== 'noop';
      summary[blocked ? 'blocked' : object.change] += 1;
    }
  }
  return summary;
}

/** Whether carrying the plan out would change anything. */
export const hasChanges = (plan: Plan): boolean => plan.actions.some((action) => action.change !== 'noop');
