import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Family, Paths } from './types.js';

/** Whether the path is a regular file that this user may run. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return false;
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks for all of a family's binaries in one folder; `missing` names those that are not there. */
export async function lookIn(dir: string, family: Family): Promise<{ paths: Paths; missing: string[] }> {
  const names = family.binaries.map(({ name }) => name);
  const present = await Promise.all(names.map((name) => isExecutable(join(dir, name))));
  return {
    paths: Object.fromEntries(names.filter((_, i) => present[i]).map((name) => [name, join(dir, name)])),
    missing: names.filter((_, i) => !present[i]),
  };
}
