import { link, rename, rm, writeFile } from 'node:fs/promises';
import { ExitCode, MeshplanError, messageOf } from '../../errors/index.js';
import { hasErrorCode } from '../../files/durable.js';

/**
 * Puts a whole file in its place at once. Without `force` a file that is there stays, even one that has come
 * this moment.
 * @throws MeshplanError `file-unwritable` (exit code 3).
 */
export async function placeFile(file: string, text: string, force: boolean): Promise<'placed' | 'exists'> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    if (force) await rename(temporary, file);
    else await link(temporary, file);
    return 'placed';
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return 'exists';
    throw new MeshplanError('file-unwritable', `${file} cannot be written: ${messageOf(error)}`, {
      hint: 'Check the path and who may write there.',
      cause: error,
      exitCode: ExitCode.invalid,
    });
  } finally {
    await rm(temporary, { force: true });
  }
}
