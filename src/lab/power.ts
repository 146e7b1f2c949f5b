import { requireLab } from './locate.js';
import { withLock } from './lock.js';
import { runTask } from './run-task.js';
import { type ClusterState, clusterOf } from './state.js';
import type { LabEvent, LabStatus } from './types.js';

export interface PowerOptions {
  dir: string;
  cluster: string;
  onEvent?: (event: LabEvent) => void;
  signal?: AbortSignal;
}

/**
 * Kills all of one cluster's processes and pods, its istiod too, as when its site goes dark. Its data stays.
 * @throws MeshplanError `lab-absent`, `lab-unknown-cluster` (exit code 3).
 */
export const labStop = (options: PowerOptions): Promise<LabStatus> => power(options, 'stop');

/**
 * Brings one cluster back with its data, at the address that it had. One that runs is left alone.
 * @throws MeshplanError `lab-absent`, `lab-unknown-cluster` (exit code 3), `lab-process-failed`.
 */
export const labStart = (options: PowerOptions): Promise<LabStatus> => power(options, 'start');

async function power(options: PowerOptions, what: 'start' | 'stop'): Promise<LabStatus> {
  const { lab, state } = await requireLab(options.dir);
  clusterOf<ClusterState>(state.clusters, options.cluster);
  return withLock(lab, what, () => runTask(lab, state, { do: what, cluster: options.cluster }, options));
}
