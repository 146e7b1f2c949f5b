import { MeshplanError } from '../../errors/index.js';
import { answers, type LabApi, openApi } from '../api.js';
import { makePrivateFolder, readIfExists, writePrivateFile, writePrivateJson } from '../files.js';
import { type ClusterLayout, clusterLayoutOf, type LabLayout, logOf } from '../layout.js';
import { startProcess } from '../processes.js';
import type { ClusterState } from '../state.js';
import type { LabBinaries, LabEvent } from '../types.js';
import { waitFor } from '../wait.js';
import {
  apiServerArgs,
  controllerManagerArgs,
  egressConfiguration,
  etcdArgs,
  kwokArgs,
  schedulerArgs,
} from './commands.js';
import { makeCredentials, saveAuthority } from './credentials.js';
import { kwokConfiguration } from './kwok.js';
import { createNodes } from './nodes.js';
import { waitUntilReady } from './ready.js';

const POLL_MS = 50;
const START_TIMEOUT_MS = 90_000;
const LOG_TAIL_LINES = 5;

/** A cluster's own programs, in the order of their start. Its istiod is the agent's. */
export const CLUSTER_PROCESSES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;

type ClusterProcess = (typeof CLUSTER_PROCESSES)[number];

/** One start of one cluster: where it is, and the signal that a dying program or the user gives. */
interface Start {
  lab: LabLayout;
  binaries: LabBinaries;
  cluster: ClusterState;
  layout: ClusterLayout;
  failure: AbortController;
  signal: AbortSignal;
}

/** Starts clusters side by side; the first that fails stops the others. */
export async function startClusters(
  lab: LabLayout,
  binaries: LabBinaries,
  clusters: ClusterState[],
  signal: AbortSignal,
  onEvent: (event: LabEvent) => void = () => undefined,
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const startReported = async (cluster: ClusterState) => {
    const started = Date.now();
    onEvent({ type: 'cluster.starting', cluster: cluster.name, message: 'Starting.' });
    try {
      await startCluster(lab, binaries, cluster, either);
    } catch (error) {
      // Only the first abort counts, so its reason is the first failure.
      failure.abort(error);
      throw error;
    }
    const durationMs = Date.now() - started;
    onEvent({ type: 'cluster.ready', cluster: cluster.name, message: 'Ready.', durationMs });
  };
  // All must have come to rest before a caller cleans up behind them.
  await Promise.allSettled(clusters.map(startReported));
  if (failure.signal.aborted) throw failure.signal.reason;
}

/**
 * Starts one cluster, new or with the data of its last run, and waits until it is at rest.
 * @throws MeshplanError `lab-process-failed` with the log's end when a program dies, `lab-timeout`.
 */
async function startCluster(
  lab: LabLayout,
  binaries: LabBinaries,
  cluster: ClusterState,
  signal: AbortSignal,
): Promise<void> {
  const layout = clusterLayoutOf(lab, cluster.name);
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  try {
    await writeClusterFiles(cluster, layout);
    await startAll({ lab, binaries, cluster, layout, failure, signal: either });
  } catch (error) {
    // Whoever waits when a signal comes sees only an AbortError; the reason says more.
    throw either.aborted ? either.reason : error;
  }
}

async function startAll(start: Start): Promise<void> {
  const { cluster, layout, signal } = start;
  await startOne(start, 'etcd', etcdArgs(cluster));
  await startOne(start, 'kube-apiserver', apiServerArgs(cluster, layout));
  await saveAuthority(layout, await servingCertificate(cluster, layout, signal));
  const api = await openApi(cluster, layout);
  try {
    await waitForFirstAnswer(api, cluster, signal);
    await startOne(start, 'kube-controller-manager', controllerManagerArgs(cluster, layout));
    await startOne(start, 'kwok', kwokArgs(cluster, layout));
    await startOne(start, 'kube-scheduler', schedulerArgs(layout));
    await createNodes(api.cluster, cluster);
    await waitUntilReady(api, cluster, signal);
  } finally {
    api.close();
  }
}

async function startOne(start: Start, name: ClusterProcess, args: string[]): Promise<void> {
  const { lab, binaries, cluster, layout, failure } = start;
  start.signal.throwIfAborted();
  const log = logOf(layout, name);
  const request = { cluster: cluster.name, name, command: binaries[name], args, cwd: layout.dir, log };
  const { exited } = await startProcess(lab, request);
  // After the start is over nobody listens to `failure` any more, so a later end does no harm.
  void exited.then(async (how) => failure.abort(await processFailed(cluster.name, name, how, log)));
}

async function processFailed(
  cluster: string,
  name: string,
  how: number | string,
  log: string,
): Promise<Error> {
  const lines = ((await readIfExists(log)) ?? '').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
  return new MeshplanError('lab-process-failed', `${cluster}: ${name} ended while it started (${how})`, {
    hint: `Its last words:\n${lines.join('\n')}`,
  });
}

async function writeClusterFiles(cluster: ClusterState, layout: ClusterLayout): Promise<void> {
  for (const folder of [layout.dir, layout.certs, layout.istiod]) await makePrivateFolder(folder);
  await makeCredentials(cluster, layout);
  await writePrivateJson(layout.egress, egressConfiguration);
  await writePrivateFile(layout.kwok, kwokConfiguration(cluster));
}

/** The certificate that kube-apiserver makes for itself at its first start. */
function servingCertificate(
  cluster: ClusterState,
  layout: ClusterLayout,
  signal: AbortSignal,
): Promise<string> {
  const what = `${cluster.name}: the API server's certificate`;
  return waitFor(() => completeCertificate(layout), {
    what,
    intervalMs: POLL_MS,
    timeoutMs: START_TIMEOUT_MS,
    signal,
  });
}

/** It is written in one go after the key, but not atomically: its last line tells that all is there. */
async function completeCertificate(layout: ClusterLayout): Promise<string | undefined> {
  const text = await readIfExists(layout.servingCert);
  return text?.endsWith('-----END CERTIFICATE-----\n') ? text : undefined;
}

async function waitForFirstAnswer(api: LabApi, cluster: ClusterState, signal: AbortSignal): Promise<void> {
  await waitFor(() => answers(api, '/version', signal), {
    what: `${cluster.name}: an answer of the API server`,
    intervalMs: POLL_MS,
    timeoutMs: START_TIMEOUT_MS,
    signal,
  });
}
