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

/** The names of all that a family consists of. */
export function namesOf(family: Family): string[] {
  return [...family.binaries, ...(family.files ?? [])].map(({ name }) => name);
}

/** Looks for all of a family in one folder; `missing` names what is not there. */
export async function lookIn(dir: string, family: Family): Promise<{ paths: Paths; missing: string[] }> {
  const names = namesOf(family);
  const present = await Promise.all([
    ...family.binaries.map(({ name }) => isExecutable(join(dir, name))),
    ...(family.files ?? []).map(({ name }) => isFile(join(dir, name))),
  ]);
  return {
    paths: Object.fromEntries(names.filter((_, i) => present[i]).map((name) => [name, join(dir, name)])),
    missing: names.filter((_, i) => !present[i]),
  };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
