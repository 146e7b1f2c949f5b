import { readRollout } from '../cluster/rollout/look.js';
import { restartPods } from '../cluster/write.js';
import { MeshplanError } from '../errors/index.js';
import type { ApiResource, Cluster } from '../model/kube.js';
import type { PlannedObject } from '../model/plan.js';
import { rolloutKindOf } from '../model/rollout.js';
import { barePodsOf, listBarePods } from '../observe/sidecars.js';
import type { Bounds } from './bounds.js';
import { retrying } from './retry.js';

/** Has the pods of a planned workload made anew. */
export async function restart(
  cluster: Cluster,
  resource: ApiResource,
  planned: PlannedObject,
  bounds: Bounds,
): Promise<void> {
  // As kubectl writes it: without fractions of a second.
  const now = new Date().toISOString().replace(/\.\d+/, '');
  const write = () => restartPods(cluster, resource, planned, now);
  await retrying(`${planned.address} to be restarted`, write, bounds);
}

/**
 * After its rollout, sees whether a restart brought what it was for.
 * @throws MeshplanError `sidecar-missing`
 */
export async function refuseBare(planned: PlannedObject, cluster: Cluster): Promise<void> {
  const kind = rolloutKindOf(planned);
  const { namespace, name } = planned;
  if (!planned.restart || !kind || !namespace) return;
  const live = await readRollout({ kind, namespace, name }, cluster);
  const bare = live ? barePodsOf(live, await listBarePods(cluster, namespace)) : [];
  if (bare.length === 0) return;
  throw new MeshplanError(
    'sidecar-missing',
    `${planned.address} was restarted, and ${bare.length} of its pods, ${bare[0]?.metadata.name} first, still ${bare.length === 1 ? 'has' : 'have'} no sidecar`,
    {
      hint: `Ask why: istioctl experimental check-inject -n ${namespace} ${kind.toLowerCase()}/${name}. Injection webhooks of other revisions, or their selectors, may be in the way.`,
    },
  );
}
