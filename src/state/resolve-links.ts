import { readlink, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasErrorCode } from '../files/durable.js';

/**
 * Where the state that `file` names really lies. A state file may be a link into a shared folder, and then
 * state, journal and lock all belong beside its target: a rename must replace the target, not the link, and
 * two checkouts that share one state must meet at one lock. A link may lead to a file that is yet to come.
 */
export async function resolveLinks(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
  const target = await readlink(file).catch(() => undefined);
  if (target === undefined) return resolve(file);
  return resolveLinks(resolve(await realpath(dirname(file)), target));
}
