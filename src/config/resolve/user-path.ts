import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** A path of mesh.yaml as an absolute one: `~/` is the home folder, the rest is relative to `folder`. */
export function userPath(folder: string, path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);
}
