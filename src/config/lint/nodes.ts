import { nodeAt, type Path, type SourceNode } from '../yaml/source-node.js';

/** The items of the list at `path`; none where there is no list. */
export function itemsAt(root: SourceNode | undefined, path: Path): SourceNode[] {
  const node = root && nodeAt(root, path);
  return node?.kind === 'list' ? node.items : [];
}

/** The members of the map at `path`; none where there is no map. */
export function entriesAt(root: SourceNode | undefined, path: Path): [string, SourceNode][] {
  const node = root && nodeAt(root, path);
  return node?.kind === 'map' ? Object.entries(node.entries) : [];
}

/** The scalar at `path`; undefined where there is none. */
export function scalarAt(
  root: SourceNode | undefined,
  path: Path,
): null | boolean | number | string | undefined {
  const node = root && nodeAt(root, path);
  return node?.kind === 'scalar' ? node.value : undefined;
}
