import type { SourceRange } from '../../model/diagnostic.js';
import type { Json } from '../../model/resolved-mesh.js';

interface Placed {
  /** Where the value begins. */
  at: SourceRange;
  /** Where its key begins, for the member of a map. */
  keyAt?: SourceRange;
}

export interface ScalarNode extends Placed {
  kind: 'scalar';
  value: null | boolean | number | string;
}

export interface MapNode extends Placed {
  kind: 'map';
  entries: Record<string, SourceNode>;
  /** Keys that were taken out because their values have faults, which are reported already. */
  dropped?: string[];
}

export interface ListNode extends Placed {
  kind: 'list';
  items: SourceNode[];
}

/** A YAML value that knows where each of its parts was written. Plain data: it can be patched as JSON. */
export type SourceNode = ScalarNode | MapNode | ListNode;

/** Keys and indexes that lead from the root to a value. */
export type Path = readonly (string | number)[];

/** The value without positions. */
export function toPlain(node: SourceNode): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  return Object.fromEntries(Object.entries(node.entries).map(([key, child]) => [key, toPlain(child)]));
}

/** A plain value as a tree in which every part is at one place. */
export function fromPlain(value: unknown, at: SourceRange): SourceNode {
  if (Array.isArray(value)) return { kind: 'list', at, items: value.map((item) => fromPlain(item, at)) };
  if (typeof value !== 'object' || value === null) {
    return { kind: 'scalar', at, value: (value ?? null) as ScalarNode['value'] };
  }
  const entries = Object.entries(value).map(([key, child]) => [key, fromPlain(child, at)]);
  return { kind: 'map', at, entries: Object.fromEntries(entries) as Record<string, SourceNode> };
}

/** The member of a map or list under `key`, if there is one. */
export function childOf(node: SourceNode | undefined, key: string | number): SourceNode | undefined {
  if (node?.kind === 'map') return Object.hasOwn(node.entries, key) ? node.entries[key] : undefined;
  if (node?.kind === 'list') return /^\d+$/.test(String(key)) ? node.items[Number(key)] : undefined;
  return undefined;
}

/** The node at `path`, if there is one. */
export function nodeAt(root: SourceNode, path: Path): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const key of path) node = childOf(node, key);
  return node;
}

/** The place of the value at `path`, or of the nearest value around it. */
export function placeOf(root: SourceNode, path: Path): SourceRange {
  let node = root;
  for (const key of path) {
    const child = childOf(node, key);
    if (child === undefined) break;
    node = child;
  }
  return node.at;
}

/** The place of the key of `path` in its map; for list items and the root, the place of the value. */
export function keyPlaceOf(root: SourceNode, path: Path): SourceRange {
  return nodeAt(root, path)?.keyAt ?? placeOf(root, path);
}

/** The string at `path`, if the value there is one. */
export function textAt(root: SourceNode, path: Path): string | undefined {
  const node = nodeAt(root, path);
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** The segments of a JSON pointer (RFC 6901). */
export function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON pointer (RFC 6901) of a path. */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A path as people write it: `spec.clusters[0].name`. */
export function showPath(path: Path): string {
  const parts = path.map((part) => {
    const text = String(part);
    if (/^\d+$/.test(text)) return `[${text}]`;
    return /^[\w-]+$/.test(text) ? `.${text}` : `["${text}"]`;
  });
  return parts.join('').replace(/^\./, '');
}
