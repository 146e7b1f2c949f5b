import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * What the lab asks the operating system about other processes. The only file that knows `/proc`;
 * without it (macOS) `ps` answers what it can and the rest is left out.
 */

/** Set for every process of a lab, so that it is found even when its record was never written. */
export const LAB_MARKER = 'MESHPLAN_LAB_DIR';

const run = promisify(execFile);
const hasProc = process.platform === 'linux';

/** When the process began, in a form that only compares; undefined where no such process runs. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  return hasProc ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

async function startTimeFromProc(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The second field is the program's name in parentheses, which may hold blanks itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

async function startTimeFromPs(pid: number): Promise<string | undefined> {
  const answer = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  return answer?.stdout.trim() || undefined;
}

/** The processes whose environment carries `MESHPLAN_LAB_DIR=dir`; empty where that cannot be read. */
export async function markedProcesses(dir: string): Promise<number[]> {
  const found = await Promise.all(
    (await processIds()).map(async (pid) => ((await labFolderOf(pid)) === dir ? pid : undefined)),
  );
  return found.filter((pid): pid is number => pid !== undefined && pid !== process.pid);
}

/** The lab that a process belongs to, where its environment can be read and names one. */
export async function labFolderOf(pid: number): Promise<string | undefined> {
  if (!hasProc) return undefined;
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const entry = text.split('\0').find((item) => item.startsWith(`${LAB_MARKER}=`));
  return entry?.slice(LAB_MARKER.length + 1);
}

/** The process that listens on a TCP port in this network namespace, where the system tells. */
export async function listenerOf(port: number): Promise<number | undefined> {
  if (!hasProc) return undefined;
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of await processIds()) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (inodes.has(target)) return pid;
    }
  }
  return undefined;
}

async function listeningInodes(port: number): Promise<Set<string>> {
  const LISTEN = '0A';
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === LISTEN) inodes.add(`socket:[${fields[9]}]`);
    }
  }
  return inodes;
}

/** All processes of this machine; empty where the system does not list them. */
export async function processIds(): Promise<number[]> {
  if (!hasProc) return [];
  const entries = await readdir('/proc');
  return entries.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The inode of a process's network namespace, by which its file below /run/netns is known. */
export async function networkOf(pid: number): Promise<number | undefined> {
  const text = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
  return Number(/^net:\[(\d+)\]$/.exec(text)?.[1]) || undefined;
}

/** The name of a process's program, cut to 15 characters as the system has it. */
export async function programOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}

/** A process's parent; 0 for the first process, and where the process is gone. */
export async function parentOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

export interface Mount {
  /** Where it is mounted. */
  point: string;
  /** `tmpfs`, `cgroup2`, … */
  type: string;
}

/** The mounts that this process sees, older ones first. */
export async function readMounts(): Promise<Mount[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      return { point: decode(before.split(' ')[4] ?? ''), type: after.split(' ')[0] ?? '' };
    });
}

/** Blanks, tabs, newlines and backslashes stand there as octal numbers. */
const decode = (text: string) =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
