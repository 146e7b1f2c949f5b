import { type Look, poll } from '../cluster/poll.js';
import { childrenOf, REPLICA_SETS } from '../cluster/rollout/children.js';
import { readRollout } from '../cluster/rollout/look.js';
import { isRefusedByInjector } from '../cluster/rollout/progress.js';
import { touchObject } from '../cluster/write.js';
import { ApiError, MeshplanError } from '../errors/index.js';
import type { Cluster, KubeObject } from '../model/kube.js';
import type { RolloutTarget } from '../model/rollout.js';
import type { Bounds } from './bounds.js';

const RETRY_MS = 5_000;
/** Webhooks and routes of a cluster are in force within seconds. */
const RESUME_MS = 30_000;

/**
 * Has the pods of a Deployment tried again, from time to time, that were refused because the injector did not
 * answer. A ReplicaSet waits ever longer after each refusal, up to a quarter of an hour, and nothing tells it
 * that istiod is back; a change of the ReplicaSet does.
 */
export function retryOfRefused(
  target: RolloutTarget,
  cluster: Cluster,
  begun = Date.now(),
): () => Promise<void> {
  let last = begun;
  return async () => {
    if (Date.now() - last < RETRY_MS) return;
    last = Date.now();
    const live = await readRollout(target, cluster);
    if (live && isRefusedByInjector(live)) await touchReplicaSets(live, cluster);
  };
}

/** The same for a Deployment that nothing else is done to, and none of whose pods is waited for. */
export async function resumeRefused(target: RolloutTarget, cluster: Cluster, bounds: Bounds): Promise<void> {
  const retry = retryOfRefused(target, cluster, 0);
  const look = async (): Promise<Look<true>> => {
    const live = await readRollout(target, cluster);
    if (!live || !isRefusedByInjector(live)) return { value: true };
    await retry();
    return { pending: 'istiod is asked about them again' };
  };
  const { signal, onReason } = bounds;
  const what = `pods of Deployment ${target.namespace}/${target.name} in ${cluster.name}, which were refused`;
  await poll(look, { what, timeoutMs: RESUME_MS, signal, onReason }).catch((error: unknown) => {
    // They are tried again anyway, only later.
    if (!(error instanceof MeshplanError)) throw error;
  });
}

async function touchReplicaSets(deployment: KubeObject, cluster: Cluster): Promise<void> {
  try {
    const sets = await childrenOf(deployment, REPLICA_SETS, cluster);
    for (const set of sets.filter(isWanted)) await touchObject(cluster, REPLICA_SETS, set);
  } catch (error) {
    // Without the right to do so, or where another writer was faster, time alone helps.
    if (!(error instanceof ApiError) || ![403, 404, 409].includes(error.status)) throw error;
  }
}

/** Old ReplicaSets of a Deployment want no pods. */
const isWanted = ({ spec }: KubeObject) => ((spec as { replicas?: number } | undefined)?.replicas ?? 0) > 0;
