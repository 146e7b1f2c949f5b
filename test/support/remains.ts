import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Remains {
  /** Command lines. */
  processes: string[];
  files: string[];
}

/**
 * What is left of a folder, and of the processes that name it in their arguments or environment. Other
 * systems than Linux tell nothing of processes here.
 */
export function remainsOf(folder: string): Remains {
  const processes = processIds()
    .filter((pid) => pid !== process.pid && mentions(pid, folder))
    .map((pid) => `${pid} ${readOf(pid, 'cmdline').replaceAll('\0', ' ')}`);
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
  return { processes, files };
}

const mentions = (pid: number, text: string) =>
  readOf(pid, 'cmdline').includes(text) || readOf(pid, 'environ').includes(text);

/** Ids of all processes of this machine that /proc shows. */
export function processIds(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A file of a process; empty when the process is gone or belongs to somebody else. */
export function readOf(pid: number, file: 'cgroup' | 'cmdline' | 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
