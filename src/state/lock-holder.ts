import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { isAlive, pidNamespace, startOf } from './process-identity.js';

/** Who holds the lock, as the lock file says. */
export interface LockHolder {
  /** Tells this lock from every other. */
  id: string;
  pid: number;
  host: string;
  user: string;
  /** What it runs, e.g. `meshplan apply`. */
  command: string;
  /** When the lock was taken; ISO 8601, UTC. */
  time: string;
  /** When the process was started, in the system's own words, so that a reused pid is seen. */
  start?: string;
  /** Linux: in which PID namespace the pid counts. */
  pidNamespace?: string;
}

/** This process as a holder. */
export async function describeSelf(command: string): Promise<LockHolder> {
  const [start, namespace] = await Promise.all([startOf(process.pid), pidNamespace()]);
  return {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    user: userName(),
    command,
    time: new Date().toISOString(),
    ...(start === undefined ? {} : { start }),
    ...(namespace === undefined ? {} : { pidNamespace: namespace }),
  };
}

/** Whether the holder is this very process. */
export async function isSelf({ pid, host, pidNamespace: namespace }: LockHolder): Promise<boolean> {
  return pid === process.pid && host === hostname() && namespace === (await pidNamespace());
}

/** True only where it is certain: the holder ran on this host, in this PID namespace, and has ended. */
export async function isDead(holder: LockHolder): Promise<boolean> {
  if (holder.host !== hostname()) return false;
  if (holder.pidNamespace !== (await pidNamespace())) return false;
  return !(await isAlive(holder.pid, holder.start));
}

/** `meshplan apply (pid 17, user ann, host desk) for 3 min` */
export function describeHolder({ command, pid, user, host, time }: LockHolder): string {
  return `${command} (pid ${pid}, user ${user}, host ${host}) for ${age(time)}`;
}

function age(time: string): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** The holder that a lock file names; undefined where the text is none of ours. */
export function parseHolder(text: string): LockHolder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isHolder(value) ? value : undefined;
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false;
  const record: Record<string, unknown> = { ...value };
  const texts = ['id', 'host', 'user', 'command', 'time'].every((key) => typeof record[key] === 'string');
  // The id becomes part of a file name when a lock is taken over.
  return texts && /^[0-9a-f-]{36}$/.test(String(record.id)) && Number.isSafeInteger(record.pid);
}

/** A container's user may have no name in the system's list of users. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
