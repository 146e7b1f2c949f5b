import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasErrorCode } from '../files/durable.js';

const run = promisify(execFile);

/** Stands for the start of a process that has ended and waits for its parent to notice (a zombie). */
const ENDED = 'ended';

/**
 * What tells a process from a later one with the same id: its start, as the system gives it.
 * Undefined where the system does not say, e.g. of other users' processes.
 * Sources: Linux proc(5), `/proc/PID/stat` field 22 and `boot_id`; elsewhere `ps -o lstart=`.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    return process.platform === 'linux' ? await startFromProc(pid) : await startFromPs(pid);
  } catch {
    return undefined;
  }
}

/** Process ids of another PID namespace (a container) say nothing here. Undefined outside Linux. */
export async function pidNamespace(): Promise<string | undefined> {
  try {
    return await readlink('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/** Whether the process with this id still runs; with its `start`, whether it is still the same one. */
export async function isAlive(pid: number, start?: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but another user's.
    if (!hasErrorCode(error, 'EPERM')) return false;
  }
  const current = await startOf(pid);
  if (current === ENDED) return false;
  return current === undefined || start === undefined || current === start;
}

async function startFromProc(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The command's name, field 2, may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const ticks = fields[19];
  if (state === 'Z' || state === 'X') return ENDED;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return ticks === undefined ? undefined : `${boot.trim()}/${ticks}`;
}

async function startFromPs(pid: number): Promise<string | undefined> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [state = '', ...start] = stdout.trim().split(/\s+/);
  return state.startsWith('Z') ? ENDED : start.join(' ') || undefined;
}
