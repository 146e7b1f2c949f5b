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
  if (!hasProc) return [];
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

async function processIds(): Promise<number[]> {
  const entries = await readdir('/proc');
  return entries.filter((name) => /^\d+$/.test(name)).map(Number);
}
