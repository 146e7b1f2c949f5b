import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';

/** One manifest file: its real path, and the name that findings show. */
export interface ManifestFile {
  path: string;
  shown: string;
}

export interface ManifestFolder {
  /** Absolute path of the folder of mesh.yaml. */
  path: string;
  /** The same folder as the user named it. */
  shown: string;
}

const isManifest = (name: string) => /\.(ya?ml|json)$/.test(name);

/**
 * The files that a path, folder or glob of mesh.yaml means, in order of their names. Reports
 * `manifest-missing` where there is none and `manifest-outside` where one leads out of the folder.
 */
export async function findManifests(
  folder: ManifestFolder,
  pattern: string,
  place: SourceRange,
  findings: Findings,
): Promise<ManifestFile[]> {
  if (isOutside(pattern)) {
    reportOutside(pattern, place, findings);
    return [];
  }
  const names = await matchingNames(folder.path, pattern);
  if (names.length === 0) {
    const message = `no manifest file fits \`${pattern}\``;
    findings.error('manifest-missing', place, message, 'the path is relative to the folder of mesh.yaml');
  }
  const root = await realpath(folder.path);
  const files: ManifestFile[] = [];
  for (const name of names) {
    const path = await realpath(join(folder.path, name));
    // A symbolic link may lead elsewhere though its name is inside.
    if (isOutside(relative(root, path))) reportOutside(name, place, findings);
    else files.push({ path, shown: join(folder.shown, name) });
  }
  return files;
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || normalize(path).split(sep)[0] === '..';
}

function reportOutside(name: string, place: SourceRange, findings: Findings): void {
  const message = `\`${name}\` is outside the folder of mesh.yaml`;
  findings.error(
    'manifest-outside',
    place,
    message,
    'copy the manifests into the folder of mesh.yaml, or below it',
  );
}

/** Names relative to the folder, sorted by code unit so that every machine agrees. */
async function matchingNames(folder: string, pattern: string): Promise<string[]> {
  const found = await stat(join(folder, pattern)).catch(() => undefined);
  if (found?.isFile()) return [pattern];
  const options = { cwd: folder, expandDirectories: false, ignore: ['**/node_modules/**'] };
  if (found?.isDirectory()) {
    const names = await glob('*', { ...options, cwd: join(folder, pattern) });
    return names
      .filter(isManifest)
      .sort()
      .map((name) => join(pattern, name));
  }
  if (!isDynamicPattern(pattern)) return [];
  return (await glob(pattern, options)).filter(isManifest).sort();
}
