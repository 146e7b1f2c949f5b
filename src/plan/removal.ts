import { addressOf, refOf } from '../model/kube.js';
import type { PlannedAction, PlannedObject, Reason } from '../model/plan.js';
import type { OwnedObject } from '../observe/observe.js';
import type { PlanInput } from './plan.js';

/** Deletes, per cluster, of what is ours in it and no longer declared. */
export function removalActions(input: Pick<PlanInput, 'actions' | 'observations'>): PlannedAction[] {
  const declared = new Set(
    input.actions.flatMap((action) =>
      action.objects.map((item) => addressOf(refOf(item.cluster, item.object))),
    ),
  );
  const orphans = [...input.observations.ours].filter(([address]) => !declared.has(address));
  const clusters = [...new Set(orphans.map(([, owned]) => owned.cluster))].sort();
  return clusters.map((cluster) => {
    const mine = orphans.filter(([, owned]) => owned.cluster === cluster);
    return {
      id: `${cluster}/removal`,
      kind: 'removal',
      cluster,
      // Last of all, so that nothing is taken away before what replaces it is there.
      after: input.actions.filter((action) => action.cluster === cluster).map((action) => action.id),
      change: 'delete',
      reason: 'not-declared',
      purpose: 'what left mesh.yaml',
      impact: 'proxies-reconnect',
      objects: mine.map(([address, owned]) => deletion(address, owned, 'not-declared')),
    };
  });
}

/** The delete of one object, bound to its UID. */
export function deletion(address: string, { cluster, object }: OwnedObject, reason: Reason): PlannedObject {
  return {
    address,
    ...refOf(cluster, object),
    change: 'delete',
    reason,
    patch: [{ op: 'remove', path: '' }],
    sensitive: object.kind === 'Secret',
    unknown: [],
    ...(object.metadata.uid ? { uid: object.metadata.uid } : {}),
    force: true,
    shared: false,
  };
}
