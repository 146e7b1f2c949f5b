import { MeshplanError } from '../../errors/index.js';
import { answers, type LabApi } from '../api.js';
import { readIfExists } from '../files.js';
import { type ClusterLayout, type LabLayout, logOf } from '../layout.js';
import { type ProcessRecord, type ProcessRequest, startProcess } from '../processes.js';
import type { ClusterState } from '../state.js';
import type { LabEvent } from '../types.js';
import { waitFor } from '../wait.js';

const POLL_MS = 50;
const START_TIMEOUT_MS = 90_000;
const LOG_TAIL_LINES = 5;

/** One start of one cluster: where it is, and the signal that a dying program or the user gives. */
export interface Start<C extends ClusterState = ClusterState> {
  lab: LabLayout;
  cluster: C;
  layout: ClusterLayout;
  began: Date;
  failure: AbortController;
  signal: AbortSignal;
  onEvent: (event: LabEvent) => void;
}

type Program = { name: string; command: string; args: string[] } & Pick<ProcessRequest, 'env'>;

/**
 * Starts one program; should it end while the cluster starts, the whole start fails.
 * @param within - the command that it is started through, which enters the node's namespace.
 */
export async function startProgram(
  start: Start,
  program: Program,
  within: string[] = [],
): Promise<ProcessRecord> {
  const { lab, cluster, layout, failure } = start;
  start.signal.throwIfAborted();
  const log = logOf(layout, program.name);
  const [command = '', ...args] = [...within, program.command, ...program.args];
  const request = { ...program, command, args, cluster: cluster.name, cwd: layout.dir, log };
  const { record, exited } = await startProcess(lab, request);
  // After the start is over nobody listens to `failure` any more, so a later end does no harm.
  void exited.then(async (how) => failure.abort(await programFailed(cluster.name, program.name, how, log)));
  return record;
}

async function programFailed(
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

/** Waits for something that a start is soon to bring. @throws MeshplanError `lab-timeout`. */
export function appears<T>(
  { cluster, signal }: Start,
  what: string,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const options = {
    what: `${cluster.name}: ${what}`,
    intervalMs: POLL_MS,
    timeoutMs: START_TIMEOUT_MS,
    signal,
  };
  return waitFor(ask, options);
}

export async function waitForFirstAnswer(start: Start, api: LabApi): Promise<void> {
  await appears(start, 'an answer of the API server', () => answers(api, '/version', start.signal));
}

/**
 * What must come before the controller manager, which gives an API server 10 s to become healthy and then ends:
 * on a busy machine that takes longer.
 */
export async function waitForHealth(start: Start, api: LabApi): Promise<void> {
  await appears(start, 'a healthy API server', () => answers(api, '/healthz', start.signal));
}
