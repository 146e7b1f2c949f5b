import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { assertFrontIsFree } from './agent/front.js';
import { ensureAgent, waitForAgent } from './agent-process.js';
import { userKubeconfig } from './cluster/credentials.js';
import { startClusters } from './cluster/start.js';
import { makePrivateFolder, writePrivateJson } from './files.js';
import { clusterLayoutOf, type LabLayout } from './layout.js';
import { withLock } from './lock.js';
import { findPorts } from './ports.js';
import { reviveClusters } from './power.js';
import { endEverything, isLabFolder, removeFiles, removeFolder } from './remove.js';
import { type ClusterState, type LabState, MAX_CLUSTERS, rangesOf, readState, writeState } from './state.js';
import { inspect, locate } from './status.js';
import type { LabAddress, LabClusterRequest, LabStatus, LabUpOptions } from './types.js';

/**
 * Brings the lab of `dir` up: new, mended where part of it has died, or left alone where all of it runs.
 * When that fails or the signal comes, a new lab leaves nothing behind; an older one keeps its data.
 * @throws MeshplanError `lab-ports-taken`, `lab-differs`, `lab-folder-in-use`, `lab-process-failed`, `lab-timeout`,
 *   `lab-busy`, `interrupted` (exit code 130).
 */
export async function labUp(options: LabUpOptions): Promise<LabStatus> {
  assertSensible(options);
  await makePrivateFolder(options.dir);
  const lab = await locate(options.dir);
  const signal = options.signal ?? new AbortController().signal;
  try {
    return await withLock(lab, 'up', () => bringUp(lab, options, signal));
  } catch (error) {
    const failure = signal.aborted ? interrupted(signal.reason) : error;
    throw failure;
  }
}

function interrupted(cause: unknown): MeshplanError {
  return new MeshplanError('interrupted', 'interrupted', { cause, exitCode: ExitCode.interrupted });
}

function assertSensible({ clusters, address }: LabUpOptions): void {
  const invalid = (message: string, hint: string) =>
    new MeshplanError('lab-invalid', message, { hint, exitCode: ExitCode.invalid });
  if (clusters.length === 0) throw invalid('a lab needs a cluster', 'Name at least one under spec.clusters.');
  if (clusters.length > MAX_CLUSTERS) {
    throw invalid(`a lab takes ${MAX_CLUSTERS} clusters`, 'Leave some out of the mesh file.');
  }
  if (address?.type === 'ip' && !address.value) {
    throw invalid('the load balancer needs an address', 'Give the IP that it should answer.');
  }
}

const addressOf = (options: LabUpOptions): LabAddress => ({
  type: options.address?.type ?? 'hostname',
  value: options.address?.value ?? 'localhost',
});

async function bringUp(lab: LabLayout, options: LabUpOptions, signal: AbortSignal): Promise<LabStatus> {
  const state = await readState(lab);
  if (state?.complete) return mend(lab, state, options, signal);
  if (!(await isLabFolder(lab))) {
    throw new MeshplanError('lab-folder-in-use', `${lab.dir} holds other files than those of a lab`, {
      hint: 'Name an empty folder, or one that does not exist yet, with --dir.',
      exitCode: ExitCode.invalid,
    });
  }
  try {
    return await startNew(lab, options, signal);
  } catch (error) {
    options.onEvent({ type: 'lab.cleaning', message: 'The lab did not start; removing what was begun.' });
    await endEverything(lab);
    await removeFiles(lab);
    await removeFolder(lab);
    throw error;
  }
}

async function startNew(lab: LabLayout, options: LabUpOptions, signal: AbortSignal): Promise<LabStatus> {
  const started = Date.now();
  if ((await endEverything(lab)) > 0) {
    options.onEvent({ type: 'lab.cleaning', message: 'Removed what an interrupted start had left.' });
  }
  await removeFiles(lab);
  const address = addressOf(options);
  await assertFrontIsFree(address);
  options.onEvent({ type: 'lab.starting', message: `Starting ${options.clusters.length} clusters.` });
  const clusters = await planClusters(options.clusters);
  const { binaries } = options;
  let state: LabState = { formatVersion: '1', generation: 0, complete: false, address, binaries, clusters };
  state = await writeState(lab, state);
  const agent = await ensureAgent(lab);
  await startClusters(lab, binaries, clusters, signal, options.onEvent);
  await waitForAgent(lab, agent, state, signal);
  await writeUserFiles(lab, state);
  await writeState(lab, { ...state, complete: true });
  return report(lab, options, Date.now() - started);
}

async function planClusters(requests: LabClusterRequest[]): Promise<ClusterState[]> {
  const ports = await findPorts(requests.length * 4);
  return requests.map((request, index) => {
    const [apiServer = 0, kwok = 0, debug = 0, monitoring = 0] = ports.slice(index * 4);
    return {
      name: request.name,
      context: request.context ?? request.name,
      region: request.region ?? `region-${index + 1}`,
      ...(request.zone ? { zone: request.zone } : {}),
      primary: request.primary,
      ports: { apiServer, kwok, debug, monitoring },
      ...rangesOf(index),
      stopped: false,
    };
  });
}

/** What users and `lab exec` get: the kubeconfig, and a folder for PATH. */
async function writeUserFiles(lab: LabLayout, state: LabState): Promise<void> {
  const clusters = state.clusters.map((cluster) => ({
    state: cluster,
    layout: clusterLayoutOf(lab, cluster.name),
  }));
  await writePrivateJson(lab.kubeconfig, await userKubeconfig(clusters));
  await makePrivateFolder(lab.bin);
  for (const name of ['istioctl', 'kubectl'] as const) {
    await rm(join(lab.bin, name), { force: true });
    await symlink(state.binaries[name], join(lab.bin, name));
  }
}

async function report(lab: LabLayout, options: LabUpOptions, durationMs: number): Promise<LabStatus> {
  options.onEvent({ type: 'lab.ready', message: 'The lab is up.', durationMs });
  return inspect(lab);
}

/** Starts what does not run of a lab that was complete once; its data is kept. */
async function mend(
  lab: LabLayout,
  state: LabState,
  options: LabUpOptions,
  signal: AbortSignal,
): Promise<LabStatus> {
  assertSameLab(lab, state, options);
  const started = Date.now();
  const status = await inspect(lab);
  if (status.state === 'running') {
    options.onEvent({ type: 'lab.unchanged', message: 'The lab is up already; nothing to do.' });
    return status;
  }
  const agent = await ensureAgent(lab);
  const broken = status.clusters.filter((item) => item.state !== 'running');
  for (const { name, state: was } of broken) {
    options.onEvent({ type: 'lab.mending', cluster: name, message: `Starting again (it was ${was}).` });
  }
  await reviveClusters(
    lab,
    broken.map((item) => item.name),
    signal,
  );
  const current = (await readState(lab)) ?? state;
  await waitForAgent(lab, agent, current, signal);
  await writeUserFiles(lab, current);
  return report(lab, options, Date.now() - started);
}

/** @throws MeshplanError `lab-differs`: replacing a lab would lose its data, so only `down` does that. */
function assertSameLab(lab: LabLayout, state: LabState, options: LabUpOptions): void {
  const there = state.clusters.map((cluster) => `${cluster.name}${cluster.primary ? ' (primary)' : ''}`);
  const asked = options.clusters.map((cluster) => `${cluster.name}${cluster.primary ? ' (primary)' : ''}`);
  const address = addressOf(options);
  const same =
    [...there].sort().join() === [...asked].sort().join() &&
    state.address.type === address.type &&
    state.address.value === address.value;
  if (same) return;
  throw new MeshplanError('lab-differs', `the lab in ${lab.dir} has other clusters: ${there.join(', ')}`, {
    hint: 'End it with `meshplan lab down` first, or take another --dir.',
  });
}
