import { delimiter, isAbsolute, join } from 'node:path';
import { isExecutable, lookIn } from './executables.js';
import { familyDir } from './settings.js';
import type { Binary, Family, Paths, Settings, StepResult } from './types.js';
import { versionFault } from './version-probe.js';

/** The folder that the user names is taken at its word: versions there are the user's choice. */
export async function findInFolder(from: string | undefined, family: Family): Promise<StepResult> {
  if (from === undefined) return { outcome: 'skipped', reason: 'no folder is given' };
  const { paths, missing } = await lookIn(from, family);
  if (missing.length > 0) return { outcome: 'skipped', reason: `${from} has no ${missing.join(', ')}` };
  return { outcome: 'used', paths, where: from };
}

/** Whole families only: they enter the cache with one rename, so presence means completeness. */
export async function findInCache(family: Family, settings: Settings): Promise<StepResult> {
  const dir = familyDir(settings, family);
  const { paths, missing } = await lookIn(dir, family);
  if (missing.length > 0) return { outcome: 'skipped', reason: `${dir} has no ${missing.join(', ')}` };
  return { outcome: 'used', paths, where: dir };
}

/** Takes the first match of each name on PATH, as a shell would, and only if its version fits. */
export async function findOnPath(family: Family, settings: Settings): Promise<StepResult> {
  const [file] = family.files ?? [];
  if (file !== undefined) return { outcome: 'skipped', reason: `${file.name} is no program` };
  const found = await Promise.all(family.binaries.map((binary) => firstOnPath(binary, settings)));
  const paths: Paths = {};
  const missing: string[] = [];
  for (const [index, { name }] of family.binaries.entries()) {
    const path = found[index];
    if (path === undefined) missing.push(name);
    else paths[name] = path;
  }
  if (missing.length > 0) return { outcome: 'skipped', reason: `PATH has no ${missing.join(', ')}` };
  const faults = await Promise.all(
    family.binaries.map((binary) =>
      versionFault(paths[binary.name] ?? binary.name, binary, family, settings),
    ),
  );
  const fault = faults.find((item) => item !== undefined);
  return fault === undefined
    ? { outcome: 'used', paths, where: 'PATH' }
    : { outcome: 'skipped', reason: fault };
}

async function firstOnPath(binary: Binary, settings: Settings): Promise<string | undefined> {
  // A relative entry would make what runs depend on the current folder.
  const dirs = (settings.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  for (const dir of dirs) {
    const path = join(dir, binary.name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}
