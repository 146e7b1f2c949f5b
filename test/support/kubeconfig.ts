import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.js';

type Fields = Record<string, unknown>;

/** A kubeconfig, as the lab writes it: the entries of one cluster all bear its name. */
export interface Kubeconfig {
  clusters: { name: string; cluster: Fields }[];
  users: { name: string; user: Fields }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
}

/** The lab's own kubeconfig. */
export async function kubeconfigOf(lab: Lab): Promise<Kubeconfig> {
  return JSON.parse(await readFile(join(lab.dir, 'kubeconfig'), 'utf8')) as Kubeconfig;
}

/**
 * Writes a copy of the lab's kubeconfig in which one cluster is reached in another way: `cluster` is set over
 * its entry, `user` takes the place of its credentials. Gives back the file's path.
 */
export async function kubeconfigWith(
  lab: Lab,
  name: string,
  change: { cluster?: Fields; user?: Fields },
): Promise<string> {
  const config = await kubeconfigOf(lab);
  for (const entry of config.clusters) if (entry.name === name) Object.assign(entry.cluster, change.cluster);
  for (const entry of config.users) if (entry.name === name && change.user) entry.user = change.user;
  return writeKubeconfig(lab, config);
}

let count = 0;

export async function writeKubeconfig(lab: Lab, config: Kubeconfig): Promise<string> {
  count += 1;
  return lab.write(`kubeconfig-${count}`, JSON.stringify(config));
}
