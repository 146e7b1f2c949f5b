import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifySelf, lookUp, type ProcessIdentity, parseIdentity } from './process-identity.js';

/** The lock file's name in the cache; drafts of it carry a suffix after a dot. */
export const LOCK_NAME = '.lock';

const POLL_MS = 200;

/**
 * Runs `work` while no other process on this machine runs its own under the same lock.
 * `onWait` hears of the holder at each look. A lock whose holder is dead is taken over.
 *
 * The lock only saves work: two holders at once (a take-over race, or two machines that share the
 * folder) build the same thing twice, each in its own staging folder, and one result stays.
 */
export async function withLock<T>(
  dir: string,
  hooks: { onWait: (holder: ProcessIdentity) => void; signal: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, LOCK_NAME);
  const own = JSON.stringify(await identifySelf());
  for (;;) {
    hooks.signal?.throwIfAborted();
    if (await take(path, own)) break;
    const holder = await liveHolder(path);
    if (holder === undefined) continue;
    hooks.onWait(holder);
    await sleep(POLL_MS, undefined, hooks.signal && { signal: hooks.signal });
  }
  try {
    return await work();
  } finally {
    if ((await readFile(path, 'utf8').catch(() => '')) === own) await rm(path, { force: true });
  }
}

/** Links a complete file into place, so that nobody ever reads a lock without its holder. */
async function take(path: string, own: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, own);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The process to wait for. Removes the lock when there is none. */
async function liveHolder(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const holder = parseIdentity(text);
  if (holder !== undefined && (await lookUp(holder)) === 'alive') return holder;
  await rm(path, { force: true });
  return undefined;
}
