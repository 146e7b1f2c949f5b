import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LabLayout } from './layout.js';
import { endProcesses, livingProcesses } from './processes.js';

const GRACE_MS = 4_000;

/** Ends every process of the lab, whoever started it and whether or not it was recorded. */
export async function endEverything(lab: LabLayout): Promise<number> {
  let ended = 0;
  for (;;) {
    // Again until none is left: the agent may have started one while it was itself being ended.
    const living = await livingProcesses(lab);
    if (living.length === 0) return ended;
    await endProcesses(lab, living, GRACE_MS);
    ended += living.length;
  }
}

/**
 * Whether what is in the folder may be removed: a lab writes `lab.json` before anything else but its lock
 * and removes it last. A folder of the user's own, with a `bin` of its own perhaps, has none.
 */
export async function isLabFolder(lab: LabLayout): Promise<boolean> {
  const entries = await readdir(lab.dir).catch(() => []);
  const others = entries.filter((name) => join(lab.dir, name) !== lab.lock);
  return others.length === 0 || others.some((name) => join(lab.dir, name) === lab.state);
}

/** Removes all that a lab made in its folder but the lock. */
export async function removeFiles(lab: LabLayout): Promise<void> {
  const { kubeconfig, agentStatus, agentLog, processes, bin, clusters, state } = lab;
  for (const path of [kubeconfig, agentStatus, agentLog, processes, bin, clusters, state]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** Removes the empty folder; also its parent `.meshplan`, where nothing else uses that. */
export async function removeFolder(lab: LabLayout): Promise<void> {
  await rm(lab.lock, { force: true });
  await removeIfEmpty(lab.dir);
  if (basename(dirname(lab.dir)) === '.meshplan') await removeIfEmpty(dirname(lab.dir));
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) throw error;
  }
}
