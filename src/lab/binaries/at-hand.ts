import { downloadFault } from './download.js';
import { findInCache, findInFolder, findOnPath } from './find.js';
import type { Family, Settings } from './types.js';

/** The families of a level by how this machine would get them. Names with versions, e.g. `etcd 3.6.16`. */
export interface BinariesAtHand {
  /** In the folder, the cache or on PATH. */
  present: string[];
  /** Fetched within seconds or a minute; whether the server answers was not asked. */
  downloadable: string[];
  /** Only by a build from source, which takes minutes. */
  toBuild: string[];
}

/** Looks where `ensureFamilies` would, without fetching or building anything. */
export async function familiesAtHand(
  families: readonly Family[],
  from: string | undefined,
  settings: Settings,
): Promise<BinariesAtHand> {
  const found: BinariesAtHand = { present: [], downloadable: [], toBuild: [] };
  const ways = await Promise.all(families.map((family) => wayTo(family, from, settings)));
  for (const [index, { name, version }] of families.entries()) {
    found[ways[index] ?? 'toBuild'].push(`${name} ${version}`);
  }
  return found;
}

async function wayTo(
  family: Family,
  from: string | undefined,
  settings: Settings,
): Promise<keyof BinariesAtHand> {
  const isUsed = ({ outcome }: { outcome: string }) => outcome === 'used';
  if (isUsed(await findInFolder(from, family)) || isUsed(await findInCache(family, settings)))
    return 'present';
  if (isUsed(await findOnPath(family, settings))) return 'present';
  return (await downloadFault(family, settings)) === undefined ? 'downloadable' : 'toBuild';
}
