import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeNew } from '../files/durable.js';

/**
 * Puts a state that could be neither saved nor written down in the journal into the first folder that takes
 * it: the state's own, the working folder, the system's for temporary files.
 * @returns the path; undefined where no folder takes it.
 */
export async function dumpState(path: string, text: string): Promise<string | undefined> {
  for (const folder of [dirname(path), process.cwd(), tmpdir()]) {
    const file = join(folder, `${basename(path)}.errored-${process.pid}`);
    try {
      await writeNew(file, text);
      return file;
    } catch {
      // The next folder may do.
    }
  }
  return undefined;
}
