import { reversed, topologicalOrder } from '../graph/graph.js';
import type { DesiredAction } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import { addressOf, type KubeObject, refOf, unreadOf } from '../model/kube.js';
import { actionId, ISTIO_NAMESPACE } from '../model/names.js';
import { isUnread, type Plan, type PlannedAction, type PlannedObject } from '../model/plan.js';
import type { OwnedObject } from '../observe/observe.js';
import type { KnownObjects } from '../observe/ours.js';
import type { RemovalReading } from '../observe/removal.js';
import { propagateBlocks } from './blocks.js';
import { unreachableFindings, unreadFindings } from './findings.js';
import { withImpacts } from './impact.js';
import { frame, type PlanInput, summarise } from './plan.js';
import {
  declaredIn,
  deletion,
  held,
  heldFindings,
  release,
  removalOf,
  undeclared,
  unseen,
  unseenObjects,
} from './removal.js';

/** Errors that stop a removal as well: what is removed would be that of another cluster. */
const WRONG_CLUSTER: ReadonlySet<string> = new Set(['cluster-changed', 'cluster-twice']);

/** The plan that removes what meshplan made, in the reverse of the order in which it was made. */
export function buildDestroyPlan(
  input: Pick<PlanInput, 'mesh' | 'actions' | 'facts' | 'known' | 'diagnostics'> & {
    removal: RemovalReading;
  },
): Plan {
  const { mesh, removal } = input;
  const orphans = orphanActions(input.actions, removal, input.known);
  // Actions without objects stay as steps that do nothing, for the order runs through them.
  const ordered = reversed(input.actions).map((action) => {
    const step = unlessUnread(deleteAction(action, removal, lossOf(action, input.facts)), input.facts);
    return { ...step, after: [...step.after, ...orphans.map((orphan) => orphan.id)] };
  });
  const known = new Set(ordered.map((action) => action.id));
  const sweeps = mesh.clusters.flatMap((cluster) => {
    const found = removal.leftovers.get(cluster.name) ?? [];
    // In a remote istiod may write nothing more once its rights there are gone, so the primary may stay.
    const istioIds = [actionId.controlPlane(cluster.name), actionId.dataPlane(cluster.name)];
    const ends = ordered.some((action) => istioIds.includes(action.id) && action.change === 'delete');
    return ends || found.length > 0
      ? [
          sweepAction(
            cluster.name,
            found,
            istioIds.filter((id) => known.has(id)),
          ),
        ]
      : [];
  });
  // Istio's namespace goes after the sweep, which reads it, and app namespaces after nothing more.
  const swept = ordered.map((action) => {
    const sweep = sweeps.find((item) => item.cluster === action.cluster);
    const isHome = action.id === actionId.namespace(action.cluster, ISTIO_NAMESPACE);
    return sweep && isHome ? { ...action, after: [...action.after, sweep.id] } : action;
  });
  const actions = withImpacts(propagateBlocks(topologicalOrder([...orphans, ...swept, ...sweeps])), mesh);
  const { complete, ...rest } = frame(input);
  return {
    ...rest,
    complete: complete && removal.unread.length === 0,
    mode: 'destroy',
    actions,
    drift: [],
    diagnostics: [
      ...input.diagnostics.filter((item) => item.severity === 'warning' || WRONG_CLUSTER.has(item.code)),
      ...unreachableFindings(input),
      ...unreadFindings(removal.unread),
      ...heldFindings(removal.foreign, 'destroy'),
    ],
    summary: summarise(actions),
  };
}

/**
 * What a cluster holds that cannot be read is not known; and what it leans on stays, for a webhook that
 * fails closed without its istiod would stop every pod there.
 */
function unlessUnread(action: PlannedAction, facts: Facts): PlannedAction {
  const cluster = facts.clusters[action.cluster];
  if (cluster === undefined || cluster.reachable) return action;
  return { ...action, change: 'unknown', reason: 'cluster-unreachable' };
}

/** Who has not made the root has to know that nothing here can bring it back. */
function lossOf({ kind }: DesiredAction, { root }: Facts): Pick<PlannedObject, 'notes'> {
  if (kind !== 'trust' || root === undefined || root.keyAvailable) return {};
  return { notes: ['the key of its root is not on this machine, so it cannot be made again from here'] };
}

function deleteAction(
  action: DesiredAction & { after: string[] },
  removal: RemovalReading,
  notes: Pick<PlannedObject, 'notes'>,
): PlannedAction {
  const objects = action.objects.flatMap(({ cluster, object }): PlannedObject[] => {
    const ref = refOf(cluster, object);
    const address = addressOf(ref);
    const gap = unreadOf(removal.unread, ref);
    if (gap) return [unseen(address, ref, gap)];
    const owned = removal.ours.get(address);
    if (!owned) {
      const shared = removal.shared.find((item) => addressOf(refOf(item.cluster, item.object)) === address);
      return shared ? [release(address, shared, 'destroy')] : [];
    }
    return [{ ...deletedOrHeld(address, owned, removal), ...notes }];
  });
  return planned(action, objects);
}

function deletedOrHeld(address: string, owned: OwnedObject, { foreign }: RemovalReading): PlannedObject {
  const planned = removalOf(address, owned, 'destroy');
  return foreign.has(address) ? held(planned) : planned;
}

const isDelete = (object: PlannedObject) => object.change === 'delete';

function orphanActions(
  actions: DesiredAction[],
  removal: RemovalReading,
  known: KnownObjects,
): PlannedAction[] {
  const orphans = undeclared(actions, removal.ours);
  const hidden = unseenObjects(known, removal.unread, declaredIn(actions));
  const clusters = new Set([...orphans.map(([, owned]) => owned), ...hidden].map((item) => item.cluster));
  return [...clusters].sort().map((cluster) => {
    const mine = orphans.filter(([, owned]) => owned.cluster === cluster);
    const base = {
      id: actionId.removal(cluster),
      kind: 'removal' as const,
      cluster,
      after: [],
      purpose: 'what left mesh.yaml',
    };
    return planned(base, [
      ...mine.map(([address, owned]) => deletedOrHeld(address, owned, removal)),
      ...hidden.filter((object) => object.cluster === cluster),
    ]);
  });
}

function sweepAction(cluster: string, found: KubeObject[], after: string[]): PlannedAction {
  const objects = found.map((object) => {
    const leftover = { ...object, apiVersion: 'v1', kind: 'ConfigMap' };
    return deletion(addressOf(refOf(cluster, leftover)), { cluster, object: leftover }, 'destroy');
  });
  const base = {
    id: actionId.leftovers(cluster),
    kind: 'removal' as const,
    cluster,
    after,
    purpose: 'what istiod wrote and leaves behind',
  };
  return { ...planned(base, objects), change: 'delete', reason: 'destroy' };
}

function planned(
  action: Pick<PlannedAction, 'id' | 'kind' | 'cluster' | 'after' | 'purpose'>,
  objects: PlannedObject[],
): PlannedAction {
  const { id, kind, cluster, after, purpose } = action;
  const hidden = objects.find((object) => isUnread(object.reason));
  if (hidden) {
    const { change, reason } = hidden;
    return { id, kind, cluster, after, change, reason, purpose, impact: 'none', objects };
  }
  const change = objects.some(isDelete)
    ? 'delete'
    : objects.some((object) => object.change === 'update')
      ? 'update'
      : 'noop';
  return {
    id,
    kind,
    cluster,
    after,
    change,
    reason: change === 'noop' ? (objects[0]?.reason ?? 'in-sync') : 'destroy',
    purpose,
    impact: 'none',
    objects,
  };
}
