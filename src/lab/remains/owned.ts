import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkNames } from '../network/names.js';

const RUN = '/run';

/**
 * Whether a name is that of a node in question: a network namespace, a cgroup and a folder of /run have it
 * in common. So remains are told from those of other labs with nothing written down.
 */
export type Owned = (name: string) => boolean;

/** The node of one cluster, counted from 1. */
export const nodeOf =
  (names: NetworkNames, index: number): Owned =>
  (name) =>
    name === names.cluster(index);

/** All nodes of a lab. */
export const nodesOf =
  (names: NetworkNames): Owned =>
  (name) =>
    name.startsWith(`${names.prefix}c`) && /^\d+$/.test(name.slice(names.prefix.length + 1));

/** The nodes' folders of /run. */
export async function runFolders(owned: Owned): Promise<string[]> {
  return (await readdir(RUN).catch(() => [])).filter(owned).map((name) => join(RUN, name));
}
