import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { ExitCode, MeshplanError, messageOf } from '../../errors/index.js';
import { Attempts } from './attempts.js';
import { findInCache, findInFolder, findOnPath } from './find.js';
import { withLock } from './lock.js';
import type { ProcessIdentity } from './process-identity.js';
import { removeAbandoned } from './staging.js';
import type { Family, Paths, Settings } from './types.js';

const WAITING_INTERVAL_MS = 5_000;

/**
 * Gets the binaries of all families: each from the first step that has them.
 * Returns absolute paths by binary name. Throws MeshplanError `lab-binaries-missing` with every step's
 * reason, `lab-binaries-folder`, `lab-cache-unusable`, or `interrupted` when the signal aborts.
 */
export async function ensureFamilies(
  families: readonly Family[],
  from: string | undefined,
  settings: Settings,
): Promise<Paths> {
  try {
    return await ensure(families, from, settings);
  } catch (error) {
    if (!settings.signal?.aborted) throw error;
    throw new MeshplanError('interrupted', 'interrupted while getting the cluster binaries', {
      cause: error,
      exitCode: ExitCode.interrupted,
    });
  }
}

async function ensure(
  families: readonly Family[],
  from: string | undefined,
  settings: Settings,
): Promise<Paths> {
  await checkFolder(from);
  const attempts = new Attempts(settings.emit);
  await Promise.all(families.map((family) => findPresent(family, from, attempts, settings)));
  settings.signal?.throwIfAborted();
  const absent = attempts.open(families);
  if (absent.length > 0) {
    await makeCache(settings);
    await lockCache(absent, settings, () => obtain(absent, attempts, settings));
  }
  return attempts.paths;
}

async function findPresent(
  family: Family,
  from: string | undefined,
  attempts: Attempts,
  settings: Settings,
): Promise<void> {
  if (await attempts.try(family, 'folder', () => findInFolder(from, family))) return;
  if (await attempts.try(family, 'cache', () => findInCache(family, settings))) return;
  await attempts.try(family, 'path', () => findOnPath(family, settings));
}

/** Downloads and builds what is absent; runs under the cache's lock. */
async function obtain(absent: Family[], attempts: Attempts, settings: Settings): Promise<void> {
  // Loaded here, for a full cache needs neither.
  const { downloadFamily } = await import('./download.js');
  const { buildFamily } = await import('./build.js');
  await removeAbandoned(settings);
  const results = await Promise.allSettled(
    absent.map(async (family) => {
      // Another process may have filled the cache while this one waited for the lock.
      if (await attempts.tryAgain(family, 'cache', () => findInCache(family, settings))) return;
      await attempts.try(family, 'download', () => downloadFamily(family, settings));
    }),
  );
  settings.signal?.throwIfAborted();
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  // One build at a time: each uses every core.
  for (const family of attempts.open(absent)) {
    if (await attempts.try(family, 'build', () => buildFamily(family, settings))) continue;
    throw attempts.failure(absent);
  }
}

/** Waits for other processes that fill the cache, and tells about it at once and every five seconds. */
function lockCache(absent: Family[], settings: Settings, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  let nextAt = 0;
  const onWait = (holder: ProcessIdentity) => {
    const elapsedMs = Math.round(performance.now() - start);
    if (elapsedMs < nextAt) return;
    nextAt = elapsedMs + WAITING_INTERVAL_MS;
    const names = absent.map(({ name }) => name);
    settings.emit({ type: 'waiting', families: names, holderPid: holder.pid, elapsedMs });
  };
  return withLock(settings.cacheDir, { onWait, signal: settings.signal }, work);
}

async function makeCache(settings: Settings): Promise<void> {
  try {
    await mkdir(settings.cacheDir, { recursive: true });
    await access(settings.cacheDir, constants.W_OK);
  } catch (error) {
    throw new MeshplanError(
      'lab-cache-unusable',
      `the cache of binaries cannot be written: ${messageOf(error)}`,
      {
        hint: 'set MESHPLAN_CACHE_DIR to a folder that you may write to',
        cause: error,
      },
    );
  }
}

/** A folder that is named and is not there is a slip of the user, not a reason to build for minutes. */
async function checkFolder(from: string | undefined): Promise<void> {
  if (from === undefined) return;
  const found = await stat(from).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new MeshplanError('lab-binaries-folder', `the folder of cluster binaries ${from} does not exist`, {
    hint: 'name a folder that holds etcd, kube-apiserver, istioctl and so on, or leave it out',
    exitCode: ExitCode.invalid,
  });
}
