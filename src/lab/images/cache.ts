import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recipe } from './types.js';

/** Raised when the way an archive is written changes, so that older ones are not taken. */
const FORMAT = 1;
const DRAFT = '.draft-';
/** Longer than between asking for an archive and the end of its import. */
const UNUSED_MS = 60 * 60 * 1000;

/** A name that changes with the recipe and with each file that goes into it: `pilot-KEY.tar`. */
export async function archiveName(recipe: Recipe, architecture: string): Promise<string> {
  const entries = await Promise.all(
    recipe.entries.map(async (entry) => {
      if (entry.type !== 'copy') return entry;
      const { size, mtimeMs } = await stat(entry.source);
      return { ...entry, size, mtimeMs };
    }),
  );
  const inputs = JSON.stringify([FORMAT, architecture, recipe.images, entries]);
  return `${recipe.name}-${createHash('sha256').update(inputs).digest('hex').slice(0, 20)}.tar`;
}

/**
 * The path of the archive in the folder; where it is not there, `write` writes it, and it gets its place with
 * one rename. Archives of the same recipe that nobody has asked for of late go.
 */
export async function cached(
  dir: string,
  name: string,
  write: (draft: string) => Promise<void>,
): Promise<string> {
  const path = join(dir, name);
  if (await touch(path)) return path;
  await mkdir(dir, { recursive: true });
  const draft = join(dir, `${DRAFT}${process.pid}-${Math.random().toString(36).slice(2)}-${name}`);
  try {
    await write(draft);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  await removeUnused(dir, name);
  return path;
}

/** Notes that the file is in use; false when it is not there. */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}

async function removeUnused(dir: string, name: string): Promise<void> {
  const recipe = name.slice(0, name.lastIndexOf('-') + 1);
  for (const other of await readdir(dir)) {
    if (other === name || !(other.startsWith(recipe) || other.startsWith(DRAFT))) continue;
    const path = join(dir, other);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > UNUSED_MS) await rm(path, { force: true });
  }
}
