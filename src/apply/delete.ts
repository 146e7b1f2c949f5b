import pLimit from 'p-limit';
import { objectPath, resourceFor } from '../cluster/paths.js';
import { poll } from '../cluster/poll.js';
import { getObject, listObjects } from '../cluster/read.js';
import { deleteObject } from '../cluster/write.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { ISTIO_NAMESPACE } from '../model/names.js';
import type { PlannedObject } from '../model/plan.js';
import { waitFor } from './bounds.js';
import { CONCURRENCY, type ObjectContext, settleAll } from './object-context.js';
import { retrying } from './retry.js';

/** Deletes the objects of an action, and waits until they are gone. */
export async function deleteObjects(planned: PlannedObject[], context: ObjectContext): Promise<number> {
  const deletes = planned.filter((item) => item.change === 'delete');
  await deleteAndAwait(deletes, context);
  return deletes.length;
}

/** Deletes objects, bound to their UIDs, and waits until none is left. */
export async function deleteAndAwait(planned: PlannedObject[], context: ObjectContext): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  const going = new Set<PlannedObject>();
  await settleAll(
    planned.map((item) =>
      limit(async () => {
        const found = place(item, context);
        if (found) {
          const { name, namespace, uid } = item;
          const ref = { name, uid: uid ?? '', ...(namespace ? { namespace } : {}) };
          const { cluster, resource } = found;
          const what = `${item.address} to be deleted`;
          await retrying(what, () => deleteObject(cluster, resource, ref), context.bounds);
          going.add(item);
        } else {
          await context.onDeleted(item);
        }
      }),
    ),
  );
  if (going.size > 0) await awaitGone(going, context);
}

/** Where an object is deleted; a kind that is no longer served has no objects. */
function place(planned: PlannedObject, context: ObjectContext) {
  const facts = context.facts().clusters[planned.cluster];
  const cluster = context.clusters.get(planned.cluster);
  const resource = facts?.reachable ? resourceFor(facts.resources, planned) : undefined;
  return cluster && resource && planned.uid ? { cluster, resource } : undefined;
}

/** Waits until none of the objects is there any more. */
export async function awaitGone(going: Set<PlannedObject>, context: ObjectContext): Promise<void> {
  const [first] = going;
  const total = going.size;
  const what = total === 1 ? `${first?.address} to be gone` : `${total} objects to be gone`;
  const limit = pLimit(CONCURRENCY);
  await poll(
    async () => {
      const reasons: string[] = [];
      await settleAll(
        [...going].map((item) =>
          limit(async () => {
            const reason = await whyStillThere(item, context);
            if (reason) reasons.push(total === 1 ? reason : `${item.address} ${reason}`);
            else {
              going.delete(item);
              await context.onDeleted(item);
            }
          }),
        ),
      );
      const [example] = reasons;
      if (example === undefined) return { value: true };
      return { pending: total === 1 ? example : `${reasons.length} left, ${example}` };
    },
    waitFor(context.bounds, 'gone', what),
  );
}

async function whyStillThere(planned: PlannedObject, context: ObjectContext): Promise<string | undefined> {
  const found = place(planned, context);
  if (!found) return undefined;
  const live = await getObject(found.cluster, objectPath(found.resource, planned.name, planned.namespace));
  if (live && live.metadata.uid === planned.uid) {
    const finalizers = (live.metadata.finalizers as string[] | undefined) ?? [];
    return finalizers.length > 0
      ? `is held by ${finalizers.join(', ')}`
      : (conditionOf(live) ?? 'is still there');
  }
  const isIstiod = planned.kind === 'Deployment' && planned.name === 'istiod';
  return isIstiod ? istiodPods(found.cluster) : undefined;
}

/** What the namespace controller says about a Namespace that does not end. */
function conditionOf(live: KubeObject): string | undefined {
  const { conditions } = (live.status ?? {}) as { conditions?: { status: string; message?: string }[] };
  return conditions?.find((item) => item.status === 'True')?.message;
}

const PODS: ApiResource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, verbs: [] };

/** istiod must have ended before what it writes is taken away, or it writes it again. */
async function istiodPods(cluster: Cluster): Promise<string | undefined> {
  const pods = await listObjects(cluster, PODS, {
    namespace: ISTIO_NAMESPACE,
    labelSelector: 'app=istiod,istio.io/rev=default',
    metadataOnly: true,
  });
  return pods.length === 0 ? undefined : `has ${pods.length} pods that still run`;
}
