import { type Path, pointerOf, type SourceNode } from '../yaml/source-node.js';

/** A copy of the tree without the values at `paths`; undefined when the root is one of them. Maps note what they lost. */
export function prune(root: SourceNode, paths: Path[]): SourceNode | undefined {
  const unwanted = new Set(paths.map(pointerOf));
  return copy(root, [], unwanted);
}

function copy(node: SourceNode, path: Path, unwanted: Set<string>): SourceNode | undefined {
  if (unwanted.has(pointerOf(path))) return undefined;
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') {
    const items = node.items.map((item, index) => copy(item, [...path, index], unwanted));
    return { ...node, items: items.filter((item) => item !== undefined) };
  }
  const entries: Record<string, SourceNode> = {};
  const dropped = [...(node.dropped ?? [])];
  for (const [key, child] of Object.entries(node.entries)) {
    const kept = copy(child, [...path, key], unwanted);
    if (kept === undefined) dropped.push(key);
    else entries[key] = kept;
  }
  return { ...node, entries, dropped };
}
