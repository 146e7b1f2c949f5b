import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Only the owner reads or writes files of the state and of the CA. */
export const PRIVATE_FILE = 0o600;
/** Only the owner enters folders that hold keys. */
export const PRIVATE_FOLDER = 0o700;

/** Writes a new file and returns once its bytes are on the disk. Fails with EEXIST where there is one. */
export async function writeNew(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', PRIVATE_FILE);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes renames, links and removals in a folder last through a power cut.
 * Windows cannot open a folder for this and needs no such call.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts `text` in the place of `file` so that every reader sees the old whole or the new whole. */
export async function replaceFile(file: string, temporary: string, text: string): Promise<void> {
  try {
    await writeNew(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Puts `text` in the place of what a user's file says, whole or not at all, and returns once it lasts. Its mode stays,
 * its owner where that is permitted, and a link to it.
 */
export async function rewriteFile(file: string, text: string): Promise<void> {
  const target = await realpath(file);
  const { mode, uid, gid } = await stat(target);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await writeNew(temporary, text);
    const handle = await open(temporary, 'r+');
    try {
      await handle.chown(uid, gid).catch(() => undefined);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Whether an error of node:fs carries one of these codes, e.g. `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
