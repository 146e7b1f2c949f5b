import { realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { messageOf } from '../../errors/index.js';
import { suggestion } from '../../match/nearest.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';
import { isOutside } from '../manifests/find-files.js';
import { keyPlaceOf, nodeAt, type SourceNode, toPlain } from '../yaml/source-node.js';

const PATH = ['spec', 'environments'] as const;

/** The folder of mesh.yaml, as findings show it. */
export interface MeshFolder {
  /** Absolute. */
  path: string;
  /** As the user named it. */
  shown: string;
}

/** The names of the environments that a mesh file declares, as far as they can be read. */
export function environmentNames(base: SourceNode): string[] {
  const node = nodeAt(base, PATH);
  return node?.kind === 'map' ? Object.keys(node.entries) : [];
}

/**
 * Whether a run with this environment may go on. A file that declares environments is nothing without one of them;
 * any other file takes whatever name there is.
 */
export function checkChoice(base: SourceNode, wanted: string | undefined, findings: Findings): boolean {
  const names = environmentNames(base);
  if (names.length === 0 || (wanted !== undefined && names.includes(wanted))) return true;
  const place = keyPlaceOf(base, PATH);
  if (wanted === undefined) {
    const message = 'this file declares environments, and none was chosen';
    findings.error('environment-needed', place, message, `name one with --env: ${names.join(', ')}`);
  } else {
    const message = `there is no environment \`${wanted}\` in this file`;
    findings.error('unknown-environment', place, message, suggestion(wanted, names));
  }
  return false;
}

/**
 * The overlay files of an environment as the user would name them from the working folder. Reports
 * `overlay-outside` and `overlay-missing` at their places; what has no right form is left to the schema.
 */
export async function environmentOverlays(
  base: SourceNode,
  environment: string,
  folder: MeshFolder,
  findings: Findings,
): Promise<string[]> {
  const list = nodeAt(base, [...PATH, environment, 'overlays']);
  const files: string[] = [];
  for (const item of list?.kind === 'list' ? list.items : []) {
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value === '') continue;
    if (await isWithin(item.value, item.at, folder, findings)) files.push(join(folder.shown, item.value));
  }
  return files;
}

async function isWithin(
  name: string,
  place: SourceRange,
  folder: MeshFolder,
  findings: Findings,
): Promise<boolean> {
  try {
    // A symbolic link may lead elsewhere though its name is inside.
    const [real, home] = await Promise.all([realpath(join(folder.path, name)), realpath(folder.path)]);
    if (!isOutside(name) && !isOutside(relative(home, real))) return true;
  } catch (error) {
    if (!isOutside(name)) {
      const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT';
      const message = isThere
        ? `the overlay \`${name}\` cannot be read: ${messageOf(error)}`
        : `there is no overlay file \`${name}\``;
      findings.error('overlay-missing', place, message, 'the path is relative to the folder of mesh.yaml');
      return false;
    }
  }
  const message = `\`${name}\` is outside the folder of mesh.yaml`;
  findings.error(
    'overlay-outside',
    place,
    message,
    'copy the overlay into the folder of mesh.yaml, or below it',
  );
  return false;
}

/** An overlay that changed what environments there are would decide about itself. */
export function refuseChangedEnvironments(base: SourceNode, tree: SourceNode, findings: Findings): void {
  const [before, after] = [nodeAt(base, PATH), nodeAt(tree, PATH)];
  if (JSON.stringify(before && toPlain(before)) === JSON.stringify(after && toPlain(after))) return;
  const place = (after && foreignPlace(after, base.at.file)) ?? keyPlaceOf(base, PATH);
  const message = 'an overlay changes `spec.environments`';
  findings.error('overlay-environments', place, message, 'declare environments in the mesh file itself');
}

/** Where a value begins that was not written in `file`. */
function foreignPlace(node: SourceNode, file: string): SourceRange | undefined {
  const own = node.keyAt ?? node.at;
  if (own.file !== file) return own;
  const children = node.kind === 'map' ? Object.values(node.entries) : node.kind === 'list' ? node.items : [];
  for (const child of children) {
    const found = foreignPlace(child, file);
    if (found) return found;
  }
  return undefined;
}
