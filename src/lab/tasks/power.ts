import { ensureAgent, waitForAgent } from '../agent-process.js';
import { startClusters } from '../cluster/start.js';
import type { LabLayout } from '../layout.js';
import { namesOf } from '../network/names.js';
import { endProcesses, livingProcesses, type ProcessRecord } from '../processes.js';
import { clearNodes, killNodes } from '../remains/nodes.js';
import { nodeOf } from '../remains/owned.js';
import { type ClusterState, clusterOf, type LabState, writeState } from '../state.js';
import { stateOf, type TaskContext } from './context.js';
import { inspect } from './inspect.js';

/** Long enough for etcd to close its files; everything else of a failing cluster just vanishes. */
const ETCD_GRACE_MS = 2_000;

/** Kills all of one cluster's processes. */
export async function stop(lab: LabLayout, name: string, { onEvent, signal }: TaskContext): Promise<void> {
  await stopClusters(lab, [name], signal);
  onEvent({ type: 'cluster.stopped', cluster: name, message: 'Stopped.' });
}

/** Brings one cluster back; one that runs is left alone. */
export async function startAgain(lab: LabLayout, name: string, context: TaskContext): Promise<void> {
  const status = await inspect(lab);
  if (status.clusters.find((item) => item.name === name)?.state === 'running') return;
  await revive(lab, [name], context);
}

/** Ends what is left of the clusters and starts all of them again, with their data. */
export async function revive(lab: LabLayout, names: string[], context: TaskContext): Promise<void> {
  const { signal } = context;
  await stopClusters(lab, names, signal);
  const state = await setStopped(lab, names, false);
  const agent = await ensureAgent(lab);
  await startClusters(lab, state, names, context);
  const clusters = state.clusters.filter(({ name }) => names.includes(name));
  await waitForAgent(lab, agent, { generation: state.generation, clusters }, signal);
}

async function stopClusters(lab: LabLayout, names: string[], signal: AbortSignal): Promise<void> {
  const state = await setStopped(lab, names, true);
  const agent = await ensureAgent(lab);
  // Only when the agent has let go does it not start an istiod again. Other clusters may be down
  // themselves, so none is waited for.
  await waitForAgent(lab, agent, { generation: state.generation, clusters: [] }, signal);
  const own = (await livingProcesses(lab)).filter((record) => names.includes(record.cluster ?? ''));
  const isEtcd = (record: ProcessRecord) => record.name === 'etcd';
  await endProcesses(
    lab,
    own.filter((record) => !isEtcd(record)),
    0,
  );
  await endProcesses(lab, own.filter(isEtcd), ETCD_GRACE_MS);
  for (const name of names) await endPods(lab, clusterOf<ClusterState>(state.clusters, name));
}

/** As when a machine loses its power: its pods are gone, and so is what lay in its memory. */
async function endPods(lab: LabLayout, cluster: ClusterState): Promise<void> {
  if (cluster.level === 1) return;
  const node = nodeOf(namesOf(lab.dir), cluster.index);
  await killNodes(lab, node);
  await clearNodes(node);
}

async function setStopped(lab: LabLayout, names: string[], stopped: boolean): Promise<LabState> {
  const state = await stateOf(lab);
  for (const name of names) clusterOf<ClusterState>(state.clusters, name);
  const clusters = state.clusters.map((item) => (names.includes(item.name) ? { ...item, stopped } : item));
  // The map keeps each cluster of the kind that the lab is of.
  return writeState(lab, { ...state, clusters } as LabState);
}
