import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MeshplanError, messageOf } from '../../errors/index.js';
import type { ImageArchive } from '../images/types.js';

const run = promisify(execFile);

/** Of one containerd: its client program, its socket, and the signal that ends the work. */
export interface ImageStore {
  ctr: string;
  socket: string;
  signal: AbortSignal;
}

/** The archives of which an image is not there yet. @throws MeshplanError `lab-import-failed`. */
export async function findMissing(store: ImageStore, archives: ImageArchive[]): Promise<ImageArchive[]> {
  const present = new Set((await call(store, 'list', '--quiet')).split('\n'));
  return archives.filter(({ names }) => !names.every((name) => present.has(name)));
}

/** Unpacks archives one after the other. @throws MeshplanError `lab-import-failed`. */
export async function importArchives(store: ImageStore, archives: ImageArchive[]): Promise<void> {
  for (const { path } of archives) await call(store, 'import', path);
}

async function call({ ctr, socket, signal }: ImageStore, ...args: string[]): Promise<string> {
  try {
    const common = ['--address', socket, '--namespace', 'k8s.io', 'images'];
    return (await run(ctr, [...common, ...args], { signal })).stdout;
  } catch (error) {
    signal.throwIfAborted();
    throw new MeshplanError('lab-import-failed', `an image cannot be imported: ${messageOf(error)}`, {
      cause: error,
      hint: 'Free space on the disk of --dir, or remove the folder `images` of the cache.',
    });
  }
}
