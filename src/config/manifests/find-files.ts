import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';
import { isKustomizationFile, kustomizationIn } from './kustomization-file.js';

/** One manifest file: its real path, and the name that findings show. */
export interface ManifestFile {
  path: string;
  shown: string;
  /** Whether it says how others become objects. */
  isKustomization: boolean;
}

export interface ManifestFolder {
  /** Absolute path of the folder of mesh.yaml, without links. */
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
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(pattern)) {
    const message = `\`${pattern}\` is in the network, from which nothing is taken`;
    findings.error('manifest-outside', place, message, 'copy what it holds into the folder of mesh.yaml');
    return [];
  }
  if (isOutside(pattern)) {
    reportOutside(pattern, place, findings);
    return [];
  }
  const { names, kustomizations } = await matchingNames(folder.path, pattern);
  if (names.length === 0) {
    const [kustomization] = kustomizations;
    const message = `no manifest file fits \`${pattern}\``;
    const hint =
      kustomization === undefined
        ? 'the path is relative to the folder of mesh.yaml'
        : `\`${kustomization}\` is a kustomization, whose files are no manifests: write \`manifests: ${kustomization}\``;
    findings.error('manifest-missing', place, message, hint);
  }
  const files: ManifestFile[] = [];
  for (const name of names) {
    const path = await realpath(join(folder.path, name));
    // A symbolic link may lead elsewhere though its name is inside.
    if (isOutside(relative(folder.path, path))) reportOutside(name, place, findings);
    else files.push({ path, shown: join(folder.shown, name), isKustomization: isKustomizationFile(name) });
  }
  return files;
}

/** Whether a path, relative to a folder, leads out of it. */
export function isOutside(path: string): boolean {
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

interface Matches {
  /** Relative to the folder, sorted by code unit so that every machine agrees. */
  names: string[];
  /** Folders whose files were left out, for a kustomization says what becomes of them. */
  kustomizations: string[];
}

async function matchingNames(folder: string, pattern: string): Promise<Matches> {
  const found = await stat(join(folder, pattern)).catch(() => undefined);
  if (found?.isFile()) return { names: [pattern], kustomizations: [] };
  const options = { cwd: folder, expandDirectories: false, ignore: ['**/node_modules/**'] };
  if (found?.isDirectory()) {
    const kustomization = await kustomizationIn(join(folder, pattern));
    if (kustomization) return { names: [join(pattern, basename(kustomization))], kustomizations: [] };
    const names = await glob('*', { ...options, cwd: join(folder, pattern) });
    const files = names.filter(isManifest).sort();
    return { names: files.map((name) => join(pattern, name)), kustomizations: [] };
  }
  if (!isDynamicPattern(pattern)) return { names: [], kustomizations: [] };
  const names = (await glob(pattern, options)).filter(isManifest).sort();
  return withoutKustomized(folder, fixedPart(pattern), names);
}

/** The folders of a glob that hold no wildcard. */
function fixedPart(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, first).join('/') || '.';
}

/** Leaves out what is in or below a kustomization, as far down as `base`: patches and parts are no manifests. */
async function withoutKustomized(folder: string, base: string, names: string[]): Promise<Matches> {
  const known = new Map<string, boolean>();
  const kustomizations = new Set<string>();
  const kept: string[] = [];
  for (const name of names) {
    let kustomized: string | undefined;
    for (let above = dirname(name); ; above = dirname(above)) {
      const isKustomized = known.get(above) ?? (await kustomizationIn(join(folder, above))) !== undefined;
      known.set(above, isKustomized);
      if (isKustomized) kustomized = above;
      if (above === normalize(base) || above === '.') break;
    }
    if (kustomized === undefined) kept.push(name);
    else kustomizations.add(kustomized);
  }
  return { names: kept, kustomizations: [...kustomizations] };
}
