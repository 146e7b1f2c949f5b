import { ExitCode, MeshplanError } from '../errors/index.js';
import { ensureAgent, waitForAgent } from './agent-process.js';
import { startCluster } from './cluster/start.js';
import type { LabLayout } from './layout.js';
import { withLock } from './lock.js';
import { endProcesses, livingProcesses } from './processes.js';
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
    await stopCluster(lab, options.cluster, signal);
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
    await reviveCluster(lab, options.cluster, signal);
    const durationMs = Date.now() - started;
    options.onEvent?.({ type: 'cluster.ready', cluster: options.cluster, message: 'Ready.', durationMs });
    return inspect(lab);
  });
}

/** Ends what is left of a cluster and starts all of it again. */
export async function reviveCluster(lab: LabLayout, name: string, signal: AbortSignal): Promise<void> {
  await stopCluster(lab, name, signal);
  const state = await setStopped(lab, name, false);
  const agent = await ensureAgent(lab);
  await startCluster(lab, state.binaries, clusterOf(state, name), signal);
  await waitForAgent(lab, agent, onlyRunning(state, name), signal);
}

async function stopCluster(lab: LabLayout, name: string, signal: AbortSignal): Promise<void> {
  const state = await setStopped(lab, name, true);
  const agent = await ensureAgent(lab);
  // Only when the agent has let go does it not start the cluster's istiod again.
  await waitForAgent(lab, agent, onlyRunning(state, undefined), signal);
  const own = (await livingProcesses(lab)).filter((record) => record.cluster === name);
  await endProcesses(
    lab,
    own.filter((record) => record.name !== 'etcd'),
    0,
  );
  await endProcesses(
    lab,
    own.filter((record) => record.name === 'etcd'),
    ETCD_GRACE_MS,
  );
}

/** The state with all other clusters set aside: one that is down must not keep the rest waiting. */
function onlyRunning(state: LabState, name: string | undefined): LabState {
  return { ...state, clusters: state.clusters.filter((cluster) => cluster.name === name) };
}

async function setStopped(lab: LabLayout, name: string, stopped: boolean): Promise<LabState> {
  const state = await readState(lab);
  if (!state) throw new MeshplanError('lab-absent', `there is no lab in ${lab.dir}`);
  clusterOf(state, name);
  const clusters = state.clusters.map((item) => (item.name === name ? { ...item, stopped } : item));
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
