import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LabLayout } from './layout.js';
import { namesOf } from './network/names.js';
import { removeNetwork } from './network/network.js';
import { endProcesses, livingProcesses } from './processes.js';
import { clearNodes, killNodes } from './remains/nodes.js';
import { nodesOf } from './remains/owned.js';

const GRACE_MS = 4_000;

/**
 * Ends every process of the lab, whoever started it and whether or not it was recorded: what is on nodes first,
 * for it starts others and nothing of it needs time to end.
 * @returns how many were ended.
 */
export async function endEverything(lab: LabLayout): Promise<number> {
  const nodes = nodesOf(namesOf(lab.dir));
  let ended = 0;
  for (;;) {
    // Again until none is left: the agent may have started one while it was itself being ended.
    const onNodes = await killNodes(lab, nodes);
    const living = await livingProcesses(lab);
    if (onNodes + living.length === 0) return ended;
    await endProcesses(lab, living, GRACE_MS);
    ended += onNodes + living.length;
  }
}

/**
 * Takes away all that a lab without processes has outside its folder.
 * @returns how many network namespaces there were; none of a lab of level 1.
 */
export async function removeTraces(lab: LabLayout): Promise<number> {
  const names = namesOf(lab.dir);
  await clearNodes(nodesOf(names));
  return removeNetwork(names);
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

/**
 * Removes all that a lab without processes made, but its lock.
 * @returns how many network namespaces there were.
 */
export async function removeFiles(lab: LabLayout): Promise<number> {
  const namespaces = await removeTraces(lab);
  const { kubeconfig, overlay, agentStatus, agentLog, processes, bin, clusters, state } = lab;
  for (const path of [kubeconfig, overlay, agentStatus, agentLog, processes, bin, clusters, state]) {
    await rm(path, { recursive: true, force: true });
  }
  return namespaces;
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
