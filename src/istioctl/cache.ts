import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** Keeps results of istioctl by the digest of all that they depend on. */
export interface RenderCache {
  read<T>(key: string): Promise<T | undefined>;
  write(key: string, value: unknown): Promise<void>;
}

/**
 * A cache in a folder. Entries may hold what a user put into `istio.values`, so they are 0600.
 * A cache that cannot be read or written costs time only, hence errors are no errors.
 */
export function openRenderCache(folder: string): RenderCache {
  const fileOf = (key: string) => join(folder, `${key}.json`);
  return {
    async read<T>(key: string) {
      const text = await readFile(fileOf(key), 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as T;
      } catch {
        return undefined;
      }
    },
    async write(key, value) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFileAtomic(fileOf(key), JSON.stringify(value), { mode: 0o600, fsync: false });
      } catch {
        // A read-only or full disk: the next run renders again.
      }
    },
  };
}
