import { join } from 'node:path';
import { MeshplanError, messageOf } from '../../errors/index.js';
import { cacheRoot, currentPlatform } from '../binaries/settings.js';
import type { BinaryPaths } from '../binaries/types.js';
import type { HostTools } from '../host-needs.js';
import { archiveName, cached } from './cache.js';
import { recipesFor } from './recipes.js';
import type { ImageArchive, Recipe } from './types.js';

export { AGNHOST_IMAGE, COREDNS_IMAGE, GUIDE_IMAGES, ISTIO_HUB, ISTIO_TAG, PAUSE_IMAGE } from './names.js';
export type { ImageArchive } from './types.js';

/**
 * The images of a level-2 lab, put together from its programs and this machine's files, in the cache.
 * What the cache holds already costs a look at the files they were made of.
 * Rejects with the signal's reason when it aborts. @throws MeshplanError `lab-images-failed`.
 */
export async function ensureImages(options: {
  binaries: BinaryPaths<2>;
  host: HostTools;
  signal?: AbortSignal;
}): Promise<ImageArchive[]> {
  const dir = join(cacheRoot(process.env), 'images');
  try {
    const archives: ImageArchive[] = [];
    // One after the other: each is bound by this process' own work.
    for (const recipe of await recipesFor(options.binaries, options.host)) {
      archives.push(await ensureImage(recipe, dir, options.signal));
    }
    return archives;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new MeshplanError('lab-images-failed', `the images cannot be put together: ${messageOf(error)}`, {
      hint: `They need about 500 MiB in ${dir}; MESHPLAN_CACHE_DIR names another folder.`,
      cause: error,
    });
  }
}

async function ensureImage(
  recipe: Recipe,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<ImageArchive> {
  const { arch } = currentPlatform();
  const path = await cached(dir, await archiveName(recipe, arch), async (draft) => {
    const { writeArchive } = await import('./archive.js');
    await writeArchive(draft, recipe, arch, signal);
  });
  return { names: recipe.images.map(({ reference }) => reference), path };
}
