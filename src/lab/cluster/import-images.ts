import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MeshplanError, messageOf } from '../../errors/index.js';
import type { ImageArchive } from '../images/types.js';

const run = promisify(execFile);

/** Puts the images that are not there yet into a containerd. @throws MeshplanError `lab-import-failed`. */
export async function importImages(
  ctr: string,
  socket: string,
  archives: ImageArchive[],
  { signal, onMissing }: { signal: AbortSignal; onMissing: (count: number) => void },
): Promise<void> {
  const call = async (...args: string[]) =>
    (await run(ctr, ['--address', socket, '--namespace', 'k8s.io', 'images', ...args], { signal })).stdout;
  try {
    const present = new Set((await call('list', '--quiet')).split('\n'));
    const missing = archives.filter(({ names }) => !names.every((name) => present.has(name)));
    if (missing.length > 0) onMissing(missing.length);
    for (const { path } of missing) await call('import', path);
  } catch (error) {
    signal.throwIfAborted();
    throw new MeshplanError('lab-import-failed', `an image cannot be imported: ${messageOf(error)}`, {
      cause: error,
      hint: 'Remove the images from the cache, so that they are put together anew, or free space on the disk.',
    });
  }
}
