import { objectPath } from '../cluster/paths.js';
import { getObject } from '../cluster/read.js';
import { setManagedFields } from '../cluster/write.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { handedOver } from '../observe/handover.js';

/** Controllers may write in between; whoever loses that often lives with a second owner. */
const ATTEMPTS = 5;

/** Takes the former makers of an object that has just been adopted out of its managedFields. */
export async function handOver(cluster: Cluster, resource: ApiResource, applied: KubeObject): Promise<void> {
  const { name, namespace } = applied.metadata;
  let live: KubeObject | undefined = applied;
  for (let attempt = 0; live && attempt < ATTEMPTS; attempt += 1) {
    const fields = handedOver(live);
    if (!fields || (await setManagedFields(cluster, resource, live, fields))) return;
    live = await getObject(cluster, objectPath(resource, name, namespace));
  }
}
