import { ExitCode, MeshplanError } from '../errors/index.js';

const TIMEOUT_MS = 60_000;

export interface Output {
  stdout: string;
  stderr: string;
  /** What the process ended with; undefined where it could not be run to its end. */
  exitCode: number | undefined;
  /** Why it failed, in execa's words; of one that took too long in ours. */
  shortMessage: string | undefined;
}

/** For commands that ask clusters. */
export interface RunOptions {
  /** What stands for KUBECONFIG; without it no cluster can be asked. */
  kubeconfig?: string;
  timeoutMs?: number;
  /** Ends the process. */
  signal?: AbortSignal;
}

/** Runs istioctl, which gets its input by stdin; never through a shell. */
export async function runIstioctl(
  path: string,
  args: string[],
  input: string | undefined,
  { kubeconfig = '/dev/null', timeoutMs = TIMEOUT_MS, signal }: RunOptions = {},
): Promise<Output> {
  // Loaded only where the cache has no answer: together they cost more than reading it.
  const { execa } = await import('execa');
  const result = await execa(path, args, {
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    // Answers must depend on the input alone, never on a cluster that happens to be current.
    env: { KUBECONFIG: kubeconfig },
    timeout: timeoutMs,
    ...(signal ? { cancelSignal: signal } : {}),
    reject: false,
  });
  const { stdout, stderr, exitCode, timedOut } = result;
  const failure = timedOut ? `it took longer than ${timeoutMs / 1_000} s` : result.shortMessage;
  return { stdout, stderr, exitCode, shortMessage: result.failed ? failure : undefined };
}

/** The last words of a run that failed. */
export const reasonOf = ({ stderr, shortMessage }: Output): string =>
  stderr.trim().split('\n').at(-1) || shortMessage || 'it ended without a word';

export function broken(
  path: string,
  reason: string,
  more: { cause?: unknown; hint?: string } = {},
): MeshplanError {
  return new MeshplanError('istioctl-broken', `${path}: ${reason}`, {
    hint: NO_ISTIOCTL,
    ...more,
    exitCode: ExitCode.invalid,
  });
}

const NO_ISTIOCTL = 'Name an istioctl with --istioctl or MESHPLAN_ISTIOCTL.';
