import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** The names by which kustomize finds what a folder is to become. */
const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

export const isKustomizationFile = (path: string): boolean => NAMES.includes(basename(path));

/** The kustomization file of a folder, if it has one. */
export async function kustomizationIn(folder: string): Promise<string | undefined> {
  for (const name of NAMES) {
    const file = join(folder, name);
    if (
      await stat(file).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
