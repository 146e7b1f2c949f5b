import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endGroup, signalGroup } from './process-group.js';

/** How many of the compiler's last lines go into the error of a failed build. */
const KEPT_LINES = 15;

interface Compilation {
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Hears the pid of `go`, which leads a process group of its own. */
  onStart: (pid: number) => Promise<void>;
  onLine: (line: string) => void;
  signal: AbortSignal | undefined;
}

/**
 * Runs `go` in a process group of its own, so that its compile children can be ended with it:
 * on abort, and when this process exits. Throws an Error with the last lines when it fails.
 */
export async function runCompiler(compilation: Compilation): Promise<void> {
  const { args, cwd, env, onStart, onLine, signal } = compilation;
  signal?.throwIfAborted();
  const child = spawn('go', args, { cwd, env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, by) =>
      resolve(code === 0 ? undefined : by ? `by ${by}` : `with code ${code}`),
    );
  });
  const kept: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    onLine(line);
    kept.push(line);
    if (kept.length > KEPT_LINES) kept.shift();
  });
  const failure = await watch(child.pid, ended, onStart, signal);
  signal?.throwIfAborted();
  if (failure !== undefined) throw new Error(`go build ended ${failure}\n${kept.join('\n')}`);
}

async function watch(
  pid: number | undefined,
  ended: Promise<string | undefined>,
  onStart: (pid: number) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (pid === undefined) return ended;
  const killNow = () => signalGroup(pid, 'SIGKILL');
  let groupEnded: Promise<void> | undefined;
  const abort = () => {
    groupEnded = endGroup(pid);
  };
  process.once('exit', killNow);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const [failure] = await Promise.all([ended, onStart(pid)]);
    await groupEnded;
    return failure;
  } catch (error) {
    await endGroup(pid);
    throw error;
  } finally {
    process.off('exit', killNow);
    signal?.removeEventListener('abort', abort);
  }
}
