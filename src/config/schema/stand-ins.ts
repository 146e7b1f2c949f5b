import type { Path, SourceNode } from '../yaml/source-node.js';

/** Fields without which nothing else could be checked, each with a value that fits the schema. */
const standIns: [Path, string][] = [
  [['apiVersion'], 'meshplan/v1'],
  [['kind'], 'Mesh'],
  [['metadata', 'name'], 'mesh'],
  [['spec', 'istio', 'version'], '0.0'],
];

/**
 * Fills required fields that were missing or wrong, so that one of them does not hide every later finding.
 * Their fault is reported already: a tree with stand-ins is never resolved. `spec` itself has no stand-in.
 */
export function fillRequired(root: SourceNode): SourceNode {
  if (root.kind !== 'map' || root.entries.spec === undefined) return root;
  return standIns.reduce<SourceNode>((tree, [path, value]) => fill(tree, path, value), root);
}

function fill(node: SourceNode, path: Path, value: string): SourceNode {
  const [key, ...rest] = path;
  if (key === undefined || node.kind !== 'map') return node;
  const empty: SourceNode =
    rest.length === 0 ? { kind: 'scalar', at: node.at, value } : { kind: 'map', at: node.at, entries: {} };
  const child = node.entries[key] ?? empty;
  return { ...node, entries: { ...node.entries, [key]: fill(child, rest, value) } };
}
