import { rm } from 'node:fs/promises';
import type { LabLayout } from '../layout.js';
import { endProcess } from '../processes.js';
import { removeCgroups } from './cgroups.js';
import { type Owned, runFolders } from './owned.js';
import { processesOf } from './processes.js';

/**
 * Kills everything on the nodes: their programs, shims, and pods. What one of them starts while it is being
 * killed is met by the next look, until nothing is left.
 * @returns how many processes were ended.
 */
export async function killNodes(lab: LabLayout, owned: Owned): Promise<number> {
  let ended = 0;
  for (;;) {
    const living = await processesOf(owned);
    if (living.length === 0) return ended;
    await Promise.all(living.map((record) => endProcess(lab, record, 0)));
    ended += living.length;
  }
}

/**
 * Takes away what killed nodes leave outside the lab's folder, as a restart of a machine would: cgroups, sockets and
 * pods' files. Their mounts are gone with their last process, for no node mounts anything where others see it.
 */
export async function clearNodes(owned: Owned): Promise<void> {
  // Which cgroups are theirs can be told from their files alone.
  await removeCgroups(owned);
  for (const folder of await runFolders(owned)) await rm(folder, { recursive: true, force: true });
}
