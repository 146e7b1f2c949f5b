import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lookIn } from './executables.js';
import { LOCK_NAME } from './lock.js';
import { endGroup } from './process-group.js';
import { identify, identifySelf, lookUp, parseIdentity } from './process-identity.js';
import { familyDir } from './settings.js';
import type { Family, Paths, Settings } from './types.js';

const PREFIX = '.staging-';
const LOCK_DRAFT_PREFIX = `${LOCK_NAME}.`;
/** A process on another machine cannot be looked up; after a day nobody still builds there. */
const ELSEWHERE_MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** Between making a folder or lock draft and finishing it lie milliseconds. */
const UNFINISHED_MAX_AGE_MS = 60 * 1000;

/** A folder in the cache, on the same file system, where a family is put together before it counts. */
export interface Staging {
  /** Finished binaries, and nothing else: this folder becomes the family's. */
  bin: string;
  /** Room for archives and the compiler's work. */
  work: string;
  /** Notes a process group that `removeAbandoned` ends if this process cannot. */
  noteChild(pid: number): Promise<void>;
}

/** Runs `fill` with a fresh staging folder, and removes whatever is left of it in every case. */
export async function withStaging<T>(
  settings: Settings,
  family: Family,
  fill: (staging: Staging) => Promise<T>,
): Promise<T> {
  const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  const root = join(settings.cacheDir, `${PREFIX}${family.name}-${unique}`);
  await mkdir(root, { recursive: true });
  try {
    await writeFile(join(root, 'owner.json'), JSON.stringify(await identifySelf()));
    const staging: Staging = {
      bin: join(root, 'bin'),
      work: join(root, 'work'),
      noteChild: async (pid) => {
        const child = await identify(pid);
        if (child !== undefined) await writeFile(join(root, 'child.json'), JSON.stringify(child));
      },
    };
    await mkdir(staging.bin);
    await mkdir(staging.work);
    return await fill(staging);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Gives the finished binaries their place in the cache with one rename. Returns their final paths. */
export async function publish(staging: Staging, settings: Settings, family: Family): Promise<Paths> {
  const target = familyDir(settings, family);
  try {
    await rename(staging.bin, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    // Somebody else's result is as good as ours, unless files were taken out of it.
    const present = await lookIn(target, family);
    if (present.missing.length > 0) {
      await rename(target, join(staging.work, 'replaced'));
      await rename(staging.bin, target);
    }
  }
  return (await lookIn(target, family)).paths;
}

/** Removes what dead processes left in the cache, and ends compilers that they left running. */
export async function removeAbandoned(settings: Settings): Promise<void> {
  for (const name of await readdir(settings.cacheDir)) {
    const path = join(settings.cacheDir, name);
    if (name.startsWith(PREFIX) && (await isAbandoned(path))) {
      await endLeftChild(path);
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    } else if (name.startsWith(LOCK_DRAFT_PREFIX) && (await ageOf(path)) > UNFINISHED_MAX_AGE_MS) {
      await rm(path, { force: true });
    }
  }
}

async function isAbandoned(root: string): Promise<boolean> {
  const owner = parseIdentity(await readFile(join(root, 'owner.json'), 'utf8').catch(() => ''));
  if (owner === undefined) return (await ageOf(root)) > UNFINISHED_MAX_AGE_MS;
  const state = await lookUp(owner);
  return state === 'dead' || (state === 'elsewhere' && (await ageOf(root)) > ELSEWHERE_MAX_AGE_MS);
}

/** Milliseconds since the last change; 0 for what is gone meanwhile. */
async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

async function endLeftChild(root: string): Promise<void> {
  const child = parseIdentity(await readFile(join(root, 'child.json'), 'utf8').catch(() => ''));
  if (child === undefined || (await lookUp(child)) !== 'alive') return;
  await endGroup(child.pid);
}
