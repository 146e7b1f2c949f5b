import { isSensitive } from '../diff/mask.js';
import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { addressOf, type ObjectRef, parseAddress, refOf, type Unread, unreadOf } from '../model/kube.js';
import { actionId, CACERTS_SECRET, ISTIO_NAMESPACE, isProtected, wasAdopted } from '../model/names.js';
import type { PlannedAction, PlannedObject, Reason } from '../model/plan.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import type { OwnedObject } from '../observe/observe.js';
import type { KnownObjects } from '../observe/ours.js';
import type { PlanInput } from './plan.js';
import { before } from './removal-order.js';

/** What is ours and no action declares, by address and in its order: servers answer in any. */
export function undeclared(
  actions: DesiredAction[],
  ours: ReadonlyMap<string, OwnedObject>,
): [string, OwnedObject][] {
  const declared = declaredIn(actions);
  return [...ours].filter(([address]) => !declared.has(address)).sort(byAddress);
}

const byAddress = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1);

/** The addresses of all that is declared. */
export const declaredIn = (actions: DesiredAction[]): ReadonlySet<string> =>
  new Set(
    actions.flatMap((action) => action.objects.map((item) => addressOf(refOf(item.cluster, item.object)))),
  );

/** Deletes, per cluster, of what is ours in it and no longer declared. */
export function removalActions(input: RemovalPlanInput): PlannedAction[] {
  const orphans = undeclared(input.actions, input.observations.ours).filter(
    ([, owned]) => !isKeptAuthority(owned, input.mesh),
  );
  const left = [...input.observations.left].sort(byAddress);
  const unseen = unseenObjects(input.known, input.observations.unread, declaredIn(input.actions));
  const clusters = [
    ...new Set([...[...orphans, ...left].map(([, owned]) => owned), ...unseen].map((item) => item.cluster)),
  ];
  return clusters.sort().map((cluster) => {
    const stale = left.filter(([, owned]) => owned.cluster === cluster);
    const mine = orphans.filter(([, owned]) => owned.cluster === cluster);
    const found = mine.map(([address, owned]) => {
      const planned = removalOf(address, owned, 'not-declared');
      return input.foreign.has(address) ? held(planned) : planned;
    });
    const objects = [
      ...found,
      ...stale.map(([address, owned]) => deletion(address, owned, 'left-by-controller')),
      ...unseen.filter((object) => object.cluster === cluster),
    ];
    return {
      id: actionId.removal(cluster),
      kind: 'removal',
      cluster,
      after: before(cluster, objects, input),
      ...endOf(objects),
      purpose: 'what left mesh.yaml',
      ...endNotes(cluster, objects, input.mesh),
      impact: 'none',
      objects,
    };
  });
}

/** What is felt when istiod of a former primary ends. */
function endNotes(
  cluster: string,
  objects: PlannedObject[],
  { clusters }: ResolvedMesh,
): Pick<PlannedAction, 'notes'> {
  const remote = clusters.find(({ name, role }) => name === cluster && role === 'remote');
  const ends = objects.some(
    ({ change, kind, namespace, name }) =>
      change === 'delete' && kind === 'Deployment' && namespace === ISTIO_NAMESPACE && name === 'istiod',
  );
  if (!remote || !ends) return {};
  const felt = `istiod of ${cluster} ends first, and the proxies that it led connect to ${remote.primary}; requests between living pods go on`;
  return { notes: [felt] };
}

export type RemovalPlanInput = Pick<PlanInput, 'mesh' | 'actions' | 'observations' | 'foreign' | 'known'>;

/** What is gone is deleted although the rest cannot be seen: one does not hang on the other. */
function endOf(objects: PlannedObject[]): Pick<PlannedAction, 'change' | 'reason'> {
  if (objects.some((object) => object.change === 'delete'))
    return { change: 'delete', reason: 'not-declared' };
  if (objects.some((object) => object.change === 'update'))
    return { change: 'update', reason: 'not-declared' };
  const unseen = objects.find((object) => object.change === 'unknown');
  if (unseen) return { change: 'unknown', reason: unseen.reason };
  return { change: 'noop', reason: 'holds-foreign-objects' };
}

/**
 * What the state knows, nothing declares, and cannot be seen now. It stays in the plan, for what is not
 * seen is not gone.
 */
export function unseenObjects(
  known: KnownObjects,
  unread: readonly Unread[],
  declared: ReadonlySet<string>,
): PlannedObject[] {
  return [...known].flatMap(([address, uid]) => {
    const ref = declared.has(address) ? undefined : parseAddress(address);
    const gap = ref && unreadOf(unread, ref);
    return ref && gap ? [unseen(address, ref, gap, uid)] : [];
  });
}

/** An object of which nothing can be told. */
export const unseen = (address: string, ref: ObjectRef, gap: Unread, uid?: string): PlannedObject => ({
  address,
  ...ref,
  change: 'unknown',
  reason: gap.reason,
  patch: [],
  sensitive: ref.kind === 'Secret',
  unknown: [],
  ...(uid ? { uid } : {}),
  force: false,
  shared: false,
});

/** A live authority is never taken away because the user now brings the Secret himself. */
const isKeptAuthority = ({ object }: OwnedObject, mesh: ResolvedMesh) =>
  mesh.trust.source === 'secret' &&
  object.kind === 'Secret' &&
  object.metadata.name === CACERTS_SECRET &&
  object.metadata.namespace === ISTIO_NAMESPACE;

/** The object stays, for it holds what others made. */
export const held = (planned: PlannedObject): PlannedObject => ({
  ...planned,
  change: 'noop',
  reason: 'holds-foreign-objects',
  patch: [],
});

/** Tells what stays, and what is in it. `foreign`: address → what of others it holds. */
export function heldFindings(
  foreign: ReadonlyMap<string, string[]>,
  verb: 'apply' | 'destroy',
): Diagnostic[] {
  return [...foreign].sort(byAddress).map(([address, names]) => ({
    severity: 'warning',
    address,
    code: 'holds-foreign-objects',
    message: `${address} stays, for it holds what meshplan did not make: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`,
    hint: `Remove those objects, then run ${verb} again.`,
  }));
}

/** What is ours goes; a Namespace that was there before meshplan stays, without our fields. */
export function removalOf(address: string, owned: Located, reason: Reason): PlannedObject {
  const isGivenBack = owned.object.kind === 'Namespace' && wasAdopted(owned.object);
  return isGivenBack ? release(address, owned, reason) : deletion(address, owned, reason);
}

type Located = Pick<OwnedObject, 'cluster' | 'object'>;

/** Our fields on something that was there before us are given back; the object stays. */
export function release(address: string, { cluster, object }: Located, reason: Reason): PlannedObject {
  return {
    address,
    ...refOf(cluster, object),
    change: 'update',
    reason,
    patch: [],
    sensitive: isSensitive(object),
    unknown: [],
    force: false,
    shared: true,
    notes: ['was there before meshplan: it stays, without what meshplan set in it'],
  };
}

/** The delete of one object, bound to its UID. */
export function deletion(address: string, { cluster, object }: Located, reason: Reason): PlannedObject {
  return {
    address,
    ...refOf(cluster, object),
    change: 'delete',
    reason,
    patch: [{ op: 'remove', path: '' }],
    sensitive: isSensitive(object),
    unknown: [],
    ...(isProtected(object) ? { protected: true } : {}),
    ...(object.metadata.uid ? { uid: object.metadata.uid } : {}),
    force: true,
    shared: false,
    ...(object.kind === 'PersistentVolumeClaim' ? { notes: [DATA_LOSS] } : {}),
  };
}

/** By Kubernetes' default for volumes that are made for a claim, `reclaimPolicy: Delete`. */
const DATA_LOSS = 'its data goes with it, unless its PersistentVolume has the reclaim policy Retain';
