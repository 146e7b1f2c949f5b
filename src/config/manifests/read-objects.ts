import type { SourceRange } from '../../model/diagnostic.js';
import type { KubeObject } from '../../model/kube.js';
import type { Findings } from '../findings.js';
import { parseYaml } from '../yaml/parse.js';
import { readText } from '../yaml/read-file.js';
import { childOf, keyPlaceOf, nodeAt, type SourceNode, textAt, toPlain } from '../yaml/source-node.js';
import type { ManifestFile } from './find-files.js';
import { isNamespacedKind } from './namespaced-kinds.js';

/** One object of a manifest, and the tree that knows its places. */
export interface ManifestObject {
  object: KubeObject;
  tree: SourceNode;
  /** The patch of mesh.yaml that changed it last. */
  patchedAt?: SourceRange;
}

/** The objects of one manifest file, Lists taken apart. What is no Kubernetes object is reported and left out. */
export async function readObjects(file: ManifestFile, findings: Findings): Promise<ManifestObject[]> {
  const missing = {
    code: 'manifest-missing',
    message: `there is no file ${file.shown}`,
    hint: 'mind the path in `workloads`',
  };
  const text = await readText(file.path, file.shown, missing, findings);
  if (text === undefined) return [];
  return parseYaml(text, file.shown, 'kubernetes', findings)
    .flatMap(listItems)
    .flatMap((tree) => manifestObject(tree, findings) ?? []);
}

/** The object of a tree; undefined after a finding. */
export function manifestObject(tree: SourceNode, findings: Findings): ManifestObject | undefined {
  if (!isObject(tree, findings)) return undefined;
  return { tree, object: withDataAlone(toPlain(tree) as unknown as KubeObject) };
}

/**
 * A Secret with `stringData` as the `data` that a server makes of it. Servers keep no owner of what came as
 * text, so keys that leave a manifest would stay (kubernetes/kubernetes#70281). What is no text is left for the
 * server to refuse.
 */
function withDataAlone(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object as KubeObject & { stringData?: unknown };
  if (object.kind !== 'Secret' || typeof stringData !== 'object' || stringData === null) return object;
  const texts = Object.entries(stringData as Record<string, unknown>);
  if (!texts.every(([, value]) => typeof value === 'string')) return object;
  const data = texts.map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  return { ...rest, data: { ...(rest.data as object | undefined), ...Object.fromEntries(data) } };
}

/**
 * The objects of a document: its items for a List, nothing for an empty document, nor for a mesh file, which a
 * glob or the folder `.` may well meet.
 */
export function listItems(tree: SourceNode): SourceNode[] {
  if (tree.kind === 'scalar' && tree.value === null) return [];
  if (textAt(tree, ['apiVersion']) === 'meshplan/v1') return [];
  const items = childOf(tree, 'items');
  const isList = textAt(tree, ['kind'])?.endsWith('List') && items?.kind === 'list';
  return isList ? items.items.flatMap(listItems) : [tree];
}

function isObject(tree: SourceNode, findings: Findings): boolean {
  if (tree.kind !== 'map') {
    const hint = 'each document needs apiVersion, kind and metadata.name';
    findings.error('not-an-object', tree.at, 'this document is no Kubernetes object', hint);
    return false;
  }
  const required = [['apiVersion'], ['kind'], ['metadata', 'name']];
  const missing = required.filter((path) => !textAt(tree, path));
  for (const path of missing) {
    const present = nodeAt(tree, path);
    const message = present
      ? `\`${path.join('.')}\` has to be a text`
      : `the object lacks \`${path.join('.')}\``;
    findings.error('not-an-object', keyPlaceOf(tree, path), message, hintFor(tree, path.join('.')));
  }
  return missing.length === 0 && hasNamespace(tree, findings) && hasTextMaps(tree, findings);
}

function hintFor(tree: SourceNode, path: string): string {
  const generated = nodeAt(tree, ['metadata', 'generateName']) !== undefined;
  if (path === 'metadata.name' && generated)
    return '`generateName` makes a new object with each apply: write a name';
  return 'each document needs apiVersion, kind and metadata.name';
}

/** A namespace is asked for rather than assumed: which one `default` stands for is easily overlooked. */
function hasNamespace(tree: SourceNode, findings: Findings): boolean {
  const namespace = nodeAt(tree, ['metadata', 'namespace']);
  const [kind, name] = [textAt(tree, ['kind']) ?? '', textAt(tree, ['metadata', 'name'])];
  if (namespace === undefined ? !isNamespacedKind(kind) : textAt(tree, ['metadata', 'namespace']))
    return true;
  const message = `${kind} \`${name}\` does not say its namespace`;
  const hint = 'add `metadata.namespace` (`default` if that is meant)';
  findings.error('namespace-missing', keyPlaceOf(tree, ['metadata']), message, hint);
  return false;
}

/** Labels and annotations are maps of texts: a number or a bare `true` is refused by every API server. */
function hasTextMaps(tree: SourceNode, findings: Findings): boolean {
  let fine = true;
  for (const key of ['labels', 'annotations']) {
    const map = nodeAt(tree, ['metadata', key]);
    for (const [name, value] of map?.kind === 'map' ? Object.entries(map.entries) : []) {
      if (value.kind === 'scalar' && typeof value.value === 'string') continue;
      const message = `metadata.${key} \`${name}\` has to be a text`;
      findings.error('not-an-object', value.at, message, 'put the value in quotes');
      fine = false;
    }
  }
  return fine;
}
