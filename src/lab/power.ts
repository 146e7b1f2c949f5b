import { ExitCode, MeshplanError } from '../errors/index.js';
import { ensureAgent, waitForAgent } from './agent-process.js';
import { startClusters } from './cluster/start.js';
import type { LabLayout } from './layout.js';
import { withLock } from './lock.js';
import { endProcesses, livingProcesses, type ProcessRecord } from './processes.js';
import { type ClusterState, type LabState, readState, writeState } from './state.js';
import { inspect, requireLab } from './status.js';
import type { LabEvent, LabStatus } from './types.js';

export interface PowerOptions {
  dir: string;
  cluster: string;
  onEvent?: (event: LabEvent) => void;
  signal?: AbortSignal;
}

/** Long enough for etcd to close its files; everything else of a failing cluster just vanishes. */
const ETCD_GRACE_MS = 2_000;

/**
 * Kills all of one cluster's processes, its istiod too, as when its site goes dark. Its data stays.
 * @throws MeshplanError `lab-absent`, `lab-unknown-cluster` (exit code 3).
 */
export async function labStop(options: PowerOptions): Promise<LabStatus> {
  const { lab } = await requireLab(options.dir);
  const signal = options.signal ?? new AbortController().signal;
  return withLock(lab, 'stop', async () => {
    await stopClusters(lab, [options.cluster], signal);
    options.onEvent?.({ type: 'cluster.stopped', cluster: options.cluster, message: 'Stopped.' });
    return inspect(lab);
  });
}

/**
 * Brings one cluster back with its data, on the ports that it had. One that runs is left alone.
 * @throws MeshplanError `lab-absent`, `lab-unknown-cluster` (exit code 3), `lab-process-failed`.
 */
export async function labStart(options: PowerOptions): Promise<LabStatus> {
  const { lab, state } = await requireLab(options.dir);
  clusterOf(state, options.cluster);
  const signal = options.signal ?? new AbortController().signal;
  return withLock(lab, 'start', async () => {
    const status = await inspect(lab);
    if (status.clusters.find((item) => item.name === options.cluster)?.state === 'running') return status;
    const started = Date.now();
    options.onEvent?.({ type: 'cluster.starting', cluster: options.cluster, message: 'Starting.' });
    await reviveClusters(lab, [options.cluster], signal);
    const durationMs = Date.now() - started;
    options.onEvent?.({ type: 'cluster.ready', cluster: options.cluster, message: 'Ready.', durationMs });
    return inspect(lab);
  });
}

/** Ends what is left of the clusters and starts all of them again, with their data. */
export async function reviveClusters(lab: LabLayout, names: string[], signal: AbortSignal): Promise<void> {
  await stopClusters(lab, names, signal);
  const state = await setStopped(lab, names, false);
  const agent = await ensureAgent(lab);
  const clusters = names.map((name) => clusterOf(state, name));
  await startClusters(lab, state.binaries, clusters, signal);
  await waitForAgent(lab, agent, { ...state, clusters }, signal);
}

async function stopClusters(lab: LabLayout, names: string[], signal: AbortSignal): Promise<void> {
  const state = await setStopped(lab, names, true);
  const agent = await ensureAgent(lab);
  // Only when the agent has let go does it not start an istiod again. Other clusters may be down
  // themselves, so none is waited for.
  await waitForAgent(lab, agent, { ...state, clusters: [] }, signal);
  const own = (await livingProcesses(lab)).filter((record) => names.includes(record.cluster ?? ''));
  const isEtcd = (record: ProcessRecord) => record.name === 'etcd';
  await endProcesses(
    lab,
    own.filter((record) => !isEtcd(record)),
    0,
  );
  await endProcesses(lab, own.filter(isEtcd), ETCD_GRACE_MS);
}

async function setStopped(lab: LabLayout, names: string[], stopped: boolean): Promise<LabState> {
  const state = await readState(lab);
  if (!state) throw new MeshplanError('lab-absent', `there is no lab in ${lab.dir}`);
  for (const name of names) clusterOf(state, name);
  const clusters = state.clusters.map((item) => (names.includes(item.name) ? { ...item, stopped } : item));
  return writeState(lab, { ...state, clusters });
}

function clusterOf(state: LabState, name: string): ClusterState {
  const found = state.clusters.find((cluster) => cluster.name === name);
  if (found) return found;
  throw new MeshplanError('lab-unknown-cluster', `the lab has no cluster ${name}`, {
    hint: `It has: ${state.clusters.map((cluster) => cluster.name).join(', ')}.`,
    exitCode: ExitCode.invalid,
  });
}
