import { Writable } from 'node:stream';
import type { KubeConfig, V1Status } from '@kubernetes/client-node';
import { MeshplanError } from '../errors/index.js';
import { reasonOf, withHandshakeLimit } from './web-socket.js';

/** Bytes of each stream that are kept; the rest is dropped. */
const LONGEST = 1 << 20;

/** A container of one pod. */
interface Target {
  namespace: string;
  pod: string;
  container: string;
}

interface Options {
  /** Milliseconds until it is given up. */
  timeoutMs: number;
  signal: AbortSignal;
}

interface Result {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/**
 * Runs a command in a pod to its end, without a shell and without input. A command that is given up here
 * may go on in the pod.
 * @throws MeshplanError `exec-failed` when the API server, the kubelet or the container refuses, or it takes
 * longer than it may; the signal's reason when that fires. A command that fails is no error: see `exitCode`.
 */
export function createExec(
  connections: ReadonlyMap<string, { config: KubeConfig }>,
): (cluster: string, target: Target, command: string[], options: Options) => Promise<Result> {
  return async (cluster, target, command, options) => {
    const connection = connections.get(cluster);
    if (!connection) throw failed(cluster, target, 'no connection was opened');
    options.signal.throwIfAborted();
    try {
      return await run(withHandshakeLimit(connection.config), target, command, options);
    } catch (error) {
      options.signal.throwIfAborted();
      throw failed(cluster, target, reasonOf(error));
    }
  };
}

async function run(
  config: KubeConfig,
  { namespace, pod, container }: Target,
  command: string[],
  { timeoutMs, signal }: Options,
): Promise<Result> {
  const client = await import('./client-node.js');
  const stdout = new Kept();
  const stderr = new Kept();
  const end = new Ending();
  const timer = setTimeout(() => end.fail(new Error(`no end within ${timeoutMs / 1_000} s`)), timeoutMs);
  const abort = () => end.fail(new Error('interrupted'));
  signal.addEventListener('abort', abort, { once: true });
  const opened = new client.Exec(config)
    .exec(namespace, pod, container, command, stdout, stderr, null, false, (status) => end.tell(status))
    .then((socket) => {
      socket.addEventListener('close', () => end.fail(new Error('the connection was cut')));
      return socket;
    });
  try {
    const exitCode = exitCodeOf(await Promise.race([end.status, opened.then(() => end.status)]));
    return { stdout: stdout.text(), stderr: stderr.text(), exitCode };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    // Also one that comes to stand only after it was given up.
    opened.then((socket) => socket.terminate()).catch(() => undefined);
  }
}

/** The command's end, or what came before it. */
class Ending {
  tell: (status: V1Status) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  readonly status = new Promise<V1Status>((resolve, reject) => {
    this.tell = resolve;
    this.fail = reject;
  });
}

/** The beginning of a stream. */
class Kept extends Writable {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const piece = chunk.subarray(0, LONGEST - this.#size);
    this.#size += piece.length;
    if (piece.length > 0) this.#chunks.push(piece);
    done();
  }

  text = (): string => Buffer.concat(this.#chunks).toString('utf8');
}

/** The kubelet tells a command's exit code as a cause of a failure. @throws where it could not run it. */
function exitCodeOf({ status, reason, message, details }: V1Status): number {
  if (status === 'Success') return 0;
  const told = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (reason === 'NonZeroExitCode' && told !== undefined) return Number(told);
  throw new Error(message ?? reason ?? 'it failed without a word');
}

/** Without a cause, on purpose: a WebSocket's error event carries the request's headers. */
function failed(cluster: string, { namespace, pod, container }: Target, reason: string): MeshplanError {
  return new MeshplanError('exec-failed', `${cluster}: exec in ${namespace}/${pod}: ${reason}`, {
    hint: hintFor(reason, `kubectl -n ${namespace} exec ${pod} -c ${container} -- true`),
  });
}

function hintFor(reason: string, byHand: string): string {
  if (reason.includes('403'))
    return 'Your user needs the right to create pods/exec (with WebSockets, get as well).';
  // Says the kubelet's stand-in in the lab's level 1, as in any cluster of kwok.
  if (reason.includes('no exec found'))
    return 'Pods of this cluster do not really run, as at level 1 of the lab: `meshplan lab up --level 2` has real ones.';
  if (reason.includes('executable file not found')) return 'The image must hold this program.';
  return `Try it by hand: ${byHand}`;
}
