import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { networkOf, parentOf, processIds, programOf, startTimeOf } from '../host.js';
import { NAMESPACES } from '../network/names.js';
import { namespaces } from '../network/network.js';
import type { ProcessRecord } from '../processes.js';
import { processesInCgroups } from './cgroups.js';
import type { Owned } from './owned.js';

/**
 * All processes of the nodes. Those of pods carry no mark of the lab, so they are known by where they are: in
 * the network of a node, or in the cgroup of a container on it.
 */
export async function processesOf(owned: Owned): Promise<ProcessRecord[]> {
  const inCgroups = await processesInCgroups(owned);
  const inNetworks = await processesInNetworks(await networksOf(owned));
  return recordsOf(await withoutOwnLine([...inCgroups, ...inNetworks]));
}

/** Users' own processes in the network from which the lab is seen, each with its program's name. */
export async function commandsInHub(hub: string): Promise<string[]> {
  const inode = await inodeOf(join(NAMESPACES, hub));
  const pids = await processesInNetworks(new Set(inode === undefined ? [] : [inode]));
  return Promise.all((await withoutOwnLine(pids)).map(async (pid) => `${await programOf(pid)} (${pid})`));
}

/** Whoever ends a lab from within has to live to the end of that, and so has what it was started by. */
async function withoutOwnLine(pids: number[]): Promise<number[]> {
  const others = new Set(pids);
  for (let pid = process.pid; pid > 0; pid = await parentOf(pid)) others.delete(pid);
  return [...others];
}

async function processesInNetworks(inodes: Set<number>): Promise<number[]> {
  if (inodes.size === 0) return [];
  const pids = await processIds();
  const networks = await Promise.all(pids.map(networkOf));
  return pids.filter((_, index) => inodes.has(networks[index] ?? 0));
}

async function networksOf(owned: Owned): Promise<Set<number>> {
  const names = (await namespaces()).filter(owned);
  const inodes = await Promise.all(names.map((name) => inodeOf(join(NAMESPACES, name))));
  return new Set(inodes.filter((inode) => inode !== undefined));
}

const inodeOf = (path: string) =>
  stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );

async function recordsOf(pids: number[]): Promise<ProcessRecord[]> {
  const startTimes = await Promise.all(pids.map(startTimeOf));
  return pids.flatMap((pid, index) => {
    const startTime = startTimes[index];
    return startTime ? [{ cluster: null, name: 'unrecorded', pid, startTime }] : [];
  });
}
