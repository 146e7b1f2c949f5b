import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import type { BinaryEvent, Family, Platform, Settings } from './types.js';

/** The package's root: two levels above the folder `lab`, both in `src` and in `dist`. */
const PACKAGE_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * What this machine and its environment say: `MESHPLAN_CACHE_DIR` moves the cache,
 * `MESHPLAN_LAB_DOWNLOAD_URL` names a mirror of the official downloads.
 */
export function readSettings(
  options: { onEvent?: (event: BinaryEvent) => void; signal?: AbortSignal },
  env: NodeJS.ProcessEnv = process.env,
): Settings {
  return {
    cacheDir: join(cacheRoot(env), 'bin'),
    modulesDir: join(PACKAGE_ROOT, 'src', 'lab', 'modules'),
    downloadUrl: env.MESHPLAN_LAB_DOWNLOAD_URL || undefined,
    platform: currentPlatform(),
    env,
    emit: options.onEvent ?? (() => {}),
    signal: options.signal,
  };
}

/** The folder of all that meshplan keeps to save work, absolute. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  return resolve(env.MESHPLAN_CACHE_DIR || envPaths('meshplan', { suffix: '' }).cache);
}

/** The family's folder in the cache, absolute. */
export function familyDir(settings: Settings, family: Family): string {
  return join(settings.cacheDir, `${family.name}-${family.version}-${platformKey(settings.platform)}`);
}

/** The key of checksums and cache folders, e.g. `linux-amd64`. */
export function platformKey(platform: Platform): string {
  return `${platform.os}-${platform.arch}`;
}

export function currentPlatform(): Platform {
  return { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch };
}
