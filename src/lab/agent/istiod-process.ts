import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors/index.js';
import type { Cluster } from '../../model/kube.js';
import { writeKubeconfig } from '../cluster/credentials.js';
import { makePrivateFolder, writePrivateFile } from '../files.js';
import { type ClusterLayout, kubeconfigOf, type LabLayout } from '../layout.js';
import { findPorts } from '../ports.js';
import { endProcess, startProcess } from '../processes.js';
import type { ClusterState } from '../state.js';
import { argsOnThisMachine, type IstiodLaunch, LISTENER_NAMES, type Listener } from './istiod-launch.js';

const READY_POLL_MS = 100;
const STEADY_POLL_MS = 1_000;
/** istiod gives up its leases at once when it is asked to end, and may then hang for good. */
const GRACE_MS = 1_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 5_000;
/** Longer than any lab lives. Not bound to the pod: istiod must still give up its leases after that is gone. */
const TOKEN_SECONDS = 30 * 24 * 3_600;

export interface IstiodRequest {
  lab: LabLayout;
  cluster: ClusterState;
  layout: ClusterLayout;
  api: Cluster;
  binary: string;
  namespace: string;
  replicaSet: string;
  serviceAccount: string;
  launch: IstiodLaunch;
  /** The data of Secret `cacerts`, base64 as the API has it; undefined where there is none. */
  cacerts: Record<string, string> | undefined;
  onChange: () => void;
  log: (line: string) => void;
}

/** The observable side of one istiod; the fields change while it runs. */
export interface RunningIstiod {
  readonly ports: Record<Listener, number>;
  ready: boolean;
  pid: number | null;
  restarts: number;
  /** Ends it for good. `killed`: without a chance to give up its leases, as in a failure. */
  end(how: 'asked' | 'killed'): Promise<void>;
}

/** Runs one istiod from its pod's specification and starts it again whenever it dies. */
export async function runIstiod(request: IstiodRequest): Promise<RunningIstiod> {
  const numbers = await findPorts(LISTENER_NAMES.length);
  const ports = Object.fromEntries(LISTENER_NAMES.map((name, index) => [name, numbers[index]]));
  const stop = new AbortController();
  let how: 'asked' | 'killed' = 'asked';
  const istiod: RunningIstiod = {
    ports: ports as Record<Listener, number>,
    ready: false,
    pid: null,
    restarts: 0,
    async end(wanted) {
      how = wanted;
      stop.abort();
      await finished;
    },
  };
  const finished = superviseUntil(stop.signal, request, istiod, () => how);
  return istiod;
}

async function superviseUntil(
  stop: AbortSignal,
  request: IstiodRequest,
  istiod: RunningIstiod,
  how: () => 'asked' | 'killed',
): Promise<void> {
  let backoff = FIRST_BACKOFF_MS;
  while (!stop.aborted) {
    try {
      const code = await runOnce(stop, request, istiod, how);
      if (stop.aborted) return;
      request.log(`istiod of ${request.replicaSet} ended (${code})`);
      istiod.restarts += 1;
    } catch (error) {
      request.log(`istiod of ${request.replicaSet} cannot be started: ${messageOf(error)}`);
    }
    request.onChange();
    await sleep(backoff, undefined, { signal: stop }).catch(() => undefined);
    backoff = Math.min(backoff * 2, MAX_BACKOFF_MS);
  }
}

/** One life of the process; ends with its exit code, or because it was told to. */
async function runOnce(
  stop: AbortSignal,
  request: IstiodRequest,
  istiod: RunningIstiod,
  how: () => 'asked' | 'killed',
): Promise<number | NodeJS.Signals> {
  const folder = join(request.layout.istiod, request.replicaSet);
  const kubeconfig = await prepareFolder(folder, request);
  const { record, exited } = await startProcess(request.lab, {
    cluster: request.cluster.name,
    name: `istiod-${request.replicaSet}`,
    command: request.binary,
    args: argsOnThisMachine(request.launch.args, kubeconfig, istiod.ports),
    cwd: folder,
    env: { ...request.launch.env, HOME: folder, KUBECONFIG: kubeconfig },
    log: request.layout.istiodLog,
  });
  const over = new AbortController();
  istiod.pid = record.pid;
  request.log(`istiod of ${request.replicaSet} started (process ${record.pid})`);
  void watchReadiness(istiod, request.onChange, over.signal);
  const ended = stop.aborted
    ? Promise.resolve()
    : new Promise((resolve) => stop.addEventListener('abort', resolve));
  await Promise.race([exited, ended]);
  over.abort();
  istiod.ready = false;
  istiod.pid = null;
  await endProcess(request.lab, record, how() === 'killed' ? 0 : GRACE_MS);
  return exited;
}

/** A fresh working folder, as a new pod has: credentials of the pod's ServiceAccount, and the CA if any. */
async function prepareFolder(folder: string, request: IstiodRequest): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await makePrivateFolder(folder);
  const kubeconfig = kubeconfigOf({ ...request.layout, dir: folder }, 'istiod');
  await writeKubeconfig(kubeconfig, request.cluster, request.layout, await requestToken(request));
  if (request.cacerts) {
    const target = join(folder, 'etc', 'cacerts');
    await makePrivateFolder(target);
    for (const [name, data] of Object.entries(request.cacerts)) {
      await writePrivateFile(join(target, name), Buffer.from(data, 'base64'));
    }
  }
  return kubeconfig;
}

/** A token of the ServiceAccount itself, so that missing rights show as they would in a real cluster. */
async function requestToken(request: IstiodRequest): Promise<string> {
  const path = `/api/v1/namespaces/${request.namespace}/serviceaccounts/${request.serviceAccount}/token`;
  const answer = await request.api.request(path, {
    method: 'POST',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: TOKEN_SECONDS },
    },
  });
  return (answer.body as { status: { token: string } }).status.token;
}

/** Asks `/ready` as the readiness probe of the pod would, only more often. */
async function watchReadiness(istiod: RunningIstiod, onChange: () => void, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const ready = await isServing(istiod.ports.httpAddr, over);
    if (over.aborted) return;
    if (ready !== istiod.ready) {
      istiod.ready = ready;
      onChange();
    }
    await sleep(ready ? STEADY_POLL_MS : READY_POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

function isServing(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
    const request = get({ host: '127.0.0.1', port, path: '/ready', signal: timeout }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
