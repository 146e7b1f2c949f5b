import { resourceFor } from '../cluster/paths.js';
import { applyObject } from '../cluster/write.js';
import { MeshplanError } from '../errors/index.js';
import { addressOf, refOf } from '../model/kube.js';
import { actionId, ISTIO_NAMESPACE } from '../model/names.js';
import type { PlannedAction, PlannedObject } from '../model/plan.js';
import { foreignInNamespace } from '../observe/foreign.js';
import { listKeptSlices } from '../observe/left-endpoints.js';
import type { OwnedObject } from '../observe/observe.js';
import { listLeftovers } from '../observe/removal.js';
import { deletion } from '../plan/removal.js';
import { isLeftOut } from '../plan/select.js';
import { deleteObjects } from './delete.js';
import type { ObjectContext } from './object-context.js';
import { retrying } from './retry.js';

export interface RemoveContext {
  objects: ObjectContext;
  /** Everything of ours that was found when the plan was made. */
  ours: Map<string, OwnedObject>;
}

/** Takes away what an action of a removal names; tells how many objects were deleted or given back. */
export async function removeAll(action: PlannedAction, context: RemoveContext): Promise<number> {
  await refuseForeign(action, context);
  const found = action.id === actionId.leftovers(action.cluster) ? await leftovers(action, context) : [];
  const kept = new Set(action.objects.filter(isLeftOut).map((object) => object.address));
  const late = found.filter((object) => !kept.has(object.address));
  const lateAddresses = new Set(late.map((object) => object.address));
  const planned = action.objects.filter((object) => !lateAddresses.has(object.address));
  const all = [...planned, ...late];
  const deleted = await (action.kind === 'removal'
    ? deleteInSteps(action, all, context.objects)
    : deleteObjects(all, context.objects));
  const shared = action.objects.filter((object) => object.change === 'update');
  for (const object of shared) await release(object, context);
  return deleted + shared.length;
}

/**
 * istiod ends before what it reads and what it may do goes: till then proxies are led by it, and it gives its leader
 * locks back. An Endpoints goes before its EndpointSlices, which would be copied from it again.
 */
async function deleteInSteps(
  { cluster: name }: PlannedAction,
  planned: PlannedObject[],
  context: ObjectContext,
): Promise<number> {
  const first = planned.filter(
    ({ kind, name, namespace }) =>
      namespace === ISTIO_NAMESPACE && name === 'istiod' && (kind === 'Deployment' || kind === 'Endpoints'),
  );
  const rest = planned.filter((item) => !first.includes(item));
  const ended = await deleteObjects(first, context);
  const cluster = context.clusters.get(name);
  const facts = context.facts().clusters[name];
  const isLeft = planned.some(({ reason, change }) => reason === LEFT && change === 'delete');
  const slices = isLeft && cluster && facts?.reachable ? await listKeptSlices(cluster, facts) : [];
  const known = new Set(rest.map(({ uid }) => uid));
  const found = slices
    .filter(({ metadata }) => !known.has(metadata.uid))
    .map((object) => deletion(addressOf(refOf(name, object)), { cluster: name, object }, LEFT));
  return ended + (await deleteObjects([...rest, ...found], context));
}

const LEFT = 'left-by-controller';

/** Since the plan somebody may have put something into a Namespace that is about to go. */
async function refuseForeign(action: PlannedAction, { objects, ours }: RemoveContext): Promise<void> {
  for (const object of action.objects) {
    const cluster = objects.clusters.get(object.cluster);
    const facts = objects.facts().clusters[object.cluster];
    if (object.kind !== 'Namespace' || object.change !== 'delete' || !cluster || !facts?.reachable) continue;
    const found = await foreignInNamespace(cluster, facts, object.name, ours);
    if (found.length === 0) continue;
    const names = found.slice(0, 5).join(', ');
    throw new MeshplanError(
      'holds-foreign-objects',
      `${object.address} holds what meshplan did not make: ${names}`,
      {
        hint: 'Remove those objects, then run it again.',
      },
    );
  }
}

/** istiod wrote until it ended, so what is there is read again just before it is taken away. */
async function leftovers(action: PlannedAction, { objects }: RemoveContext): Promise<PlannedObject[]> {
  const cluster = objects.clusters.get(action.cluster);
  const facts = objects.facts().clusters[action.cluster];
  const configMaps = facts?.reachable
    ? resourceFor(facts.resources, { apiVersion: 'v1', kind: 'ConfigMap' })
    : undefined;
  if (!cluster || !configMaps) return [];
  const found = await listLeftovers(cluster, configMaps);
  return found.map((object) =>
    deletion(addressOf(refOf(cluster.name, object)), { cluster: cluster.name, object }, 'destroy'),
  );
}

/** An apply without fields gives back all that we owned in an object that was there before us. */
async function release(planned: PlannedObject, { objects }: RemoveContext): Promise<void> {
  const cluster = objects.clusters.get(planned.cluster);
  const facts = objects.facts().clusters[planned.cluster];
  const resource = facts?.reachable ? resourceFor(facts.resources, planned) : undefined;
  if (!cluster || !resource) return;
  const { apiVersion, kind, name, namespace } = planned;
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  const give = () => applyObject(cluster, resource, { apiVersion, kind, metadata }, { force: false });
  await retrying(`${planned.address} to be given back`, give, objects.bounds);
  await objects.onReleased(planned);
}
