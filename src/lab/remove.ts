import { rm, rmdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
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

/** Removes all that a lab made in its folder, and the folder where nothing else is in it. */
export async function removeFiles(lab: LabLayout): Promise<void> {
  const { kubeconfig, state, agentStatus, agentLog, processes, bin, clusters } = lab;
  for (const path of [kubeconfig, state, agentStatus, agentLog, processes, bin, clusters]) {
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
