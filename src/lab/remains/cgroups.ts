import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMounts } from '../host.js';
import { type Owned, runFolders } from './owned.js';

/**
 * Without a kubelet that sorts pods into cgroups, containerd puts each container into one that is named after it,
 * whichever containerd it is: in each hierarchy of version 1, or in the one of version 2.
 */
const PARENT = 'k8s.io';

/** Below a node's folder of /run: runc's state of each container, and the shims' folders. */
const CONTAINERS = [`runc/${PARENT}`, `containerd/io.containerd.runtime.v2.task/${PARENT}`];
const ATTEMPTS = 20;
const PAUSE_MS = 50;

/** The cgroups of the nodes' containers with all below them, inner ones first. */
async function cgroupsOf(owned: Owned): Promise<string[]> {
  const containers = new Set(await containersOf(owned));
  const found: string[] = [];
  for (const parent of await parents()) {
    const names = (await namesIn(parent)).filter((name) => containers.has(name));
    for (const name of names) found.push(...(await foldersBelow(join(parent, name))));
  }
  return found;
}

async function parents(): Promise<string[]> {
  const hierarchies = (await readMounts()).filter(({ type }) => type === 'cgroup' || type === 'cgroup2');
  return hierarchies.map(({ point }) => join(point, PARENT));
}

/** The ids of all containers that runc or a shim of the nodes' has not forgotten. */
async function containersOf(owned: Owned): Promise<string[]> {
  const nodes = await runFolders(owned);
  return (
    await Promise.all(nodes.flatMap((node) => CONTAINERS.map((path) => namesIn(join(node, path)))))
  ).flat();
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inner = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  return [...(await Promise.all(inner.map(foldersBelow))).flat(), folder];
}

/** The processes in the nodes' cgroups: those of pods, whatever they are and whoever started them. */
export async function processesInCgroups(owned: Owned): Promise<number[]> {
  const lists = await Promise.all(
    (await cgroupsOf(owned)).map((folder) => readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')),
  );
  return lists.flatMap((text) => text.split('\n').filter(Boolean).map(Number));
}

/** Removes the cgroups of the nodes' containers, which have to be without processes. */
export async function removeCgroups(owned: Owned): Promise<void> {
  const folders = await cgroupsOf(owned);
  for (const folder of folders) await removeCgroup(folder);
  if (folders.length === 0) return;
  // The kernel refuses where another's containers are in it.
  for (const parent of await parents()) await rmdir(parent).catch(() => undefined);
}

/** The kernel lets go of one a moment after its last process ended. */
async function removeCgroup(folder: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
