import { makePrivateFolder } from '../files.js';
import { clusterLayoutOf, type LabLayout } from '../layout.js';
import { clusterOf, type LabState } from '../state.js';
import type { TaskContext } from '../tasks/context.js';
import type { LabLevel } from '../types.js';
import { startLevel1 } from './start-level1.js';
import { startLevel2 } from './start-level2.js';

const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** A cluster's own programs, in the order of their start. Its istiod is the agent's, or a pod. */
export const CLUSTER_PROCESSES: Record<LabLevel, readonly string[]> = {
  1: [...CONTROL_PLANE, 'kwok'],
  2: [...CONTROL_PLANE, 'containerd', 'kubelet', 'kube-proxy'],
};

/**
 * Starts clusters of a lab side by side, new or with the data of their last run, and waits until each is at
 * rest; the first that fails stops the others.
 * @throws MeshplanError `lab-process-failed` with the log's end when a program dies, `lab-timeout`,
 *   `lab-import-failed`.
 */
export async function startClusters(
  lab: LabLayout,
  state: LabState,
  names: string[],
  { signal, onEvent }: TaskContext,
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const startReported = async (name: string) => {
    const started = Date.now();
    onEvent({ type: 'cluster.starting', cluster: name, message: 'Starting.' });
    try {
      await startCluster(lab, state, name, { signal: either, onEvent });
    } catch (error) {
      // Only the first abort counts, so its reason is the first failure.
      failure.abort(error);
      throw error;
    }
    const durationMs = Date.now() - started;
    onEvent({ type: 'cluster.ready', cluster: name, message: 'Ready.', durationMs });
  };
  // All must have come to rest before a caller cleans up behind them.
  await Promise.allSettled(names.map(startReported));
  if (failure.signal.aborted) throw failure.signal.reason;
}

async function startCluster(
  lab: LabLayout,
  state: LabState,
  name: string,
  { signal, onEvent }: TaskContext,
): Promise<void> {
  const layout = clusterLayoutOf(lab, name);
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const common = { lab, layout, began: new Date(), failure, signal: either, onEvent };
  try {
    for (const folder of [layout.dir, layout.certs]) await makePrivateFolder(folder);
    if (state.level === 1) await startLevel1({ ...common, cluster: clusterOf(state.clusters, name) }, state);
    else await startLevel2({ ...common, cluster: clusterOf(state.clusters, name) }, state);
  } catch (error) {
    // Whoever waits when a signal comes sees only an AbortError; the reason says more.
    throw either.aborted ? either.reason : error;
  }
}
