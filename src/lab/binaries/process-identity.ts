import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** A process that can be told apart from a later one with the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own notation; compared, never read. */
  startTime: string;
  host: string;
}

/** The identity of a running process; undefined when there is none with this pid. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startTime = await startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, host: hostname() };
}

/** This process. */
export async function identifySelf(): Promise<ProcessIdentity> {
  return (await identify(process.pid)) ?? { pid: process.pid, startTime: '', host: hostname() };
}

/** `elsewhere` when the process is or was on another machine that shares the folder: it cannot be looked up. */
export async function lookUp(identity: ProcessIdentity): Promise<'alive' | 'dead' | 'elsewhere'> {
  if (identity.host !== hostname()) return 'elsewhere';
  return (await startTimeOf(identity.pid)) === identity.startTime ? 'alive' : 'dead';
}

/** Reads an identity from JSON text; undefined when it is none. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, startTime, host } = value as Partial<Record<keyof ProcessIdentity, unknown>>;
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof host !== 'string')
      return undefined;
    return { pid, startTime, host };
  } catch {
    return undefined;
  }
}

async function startTimeOf(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)). A zombie counts as gone: it does nothing any more. */
async function startTimeFromProc(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold spaces; what follows its last parenthesis is field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

async function startTimeFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
