import { MeshplanError } from '../errors/index.js';
import { reach } from './reach.js';

/** Anything with an id and the ids that must come before it. */
export interface Node {
  id: string;
  after: readonly string[];
}

/**
 * Orders nodes so that each stands after all it depends on; nodes that are free to swap keep their
 * given order, so the same input always prints the same plan.
 * @throws MeshplanError `graph-cycle` naming the cycle, `graph-unknown-node` for an edge to nowhere.
 */
export function topologicalOrder<T extends Node>(nodes: readonly T[]): T[] {
  const byId = indexById(nodes);
  const ordered: T[] = [];
  const state = new Map<string, 'open' | 'done'>();

  const visit = (node: T, path: string[]): void => {
    if (state.get(node.id) === 'done') return;
    if (state.get(node.id) === 'open') {
      const cycle = [...path.slice(path.indexOf(node.id)), node.id].join(' → ');
      throw new MeshplanError('graph-cycle', `actions depend on each other in a circle: ${cycle}`);
    }
    state.set(node.id, 'open');
    for (const id of node.after) {
      const before = byId.get(id);
      if (!before) {
        throw new MeshplanError('graph-unknown-node', `${node.id} depends on ${id}, which does not exist`);
      }
      visit(before, [...path, node.id]);
    }
    state.set(node.id, 'done');
    ordered.push(node);
  };
  for (const node of nodes) visit(node, []);
  return ordered;
}

/** The same nodes with every edge turned round: what is removed first is what was made last. */
export function reversed<T extends Node>(nodes: readonly T[]): (T & { after: string[] })[] {
  const dependents = nextOf(nodes);
  return [...nodes].reverse().map((node) => ({ ...node, after: dependents.get(node.id) ?? [] }));
}

/** Ids of all nodes that depend on some of `ids`, directly or through others. */
export function dependentsOf(nodes: readonly Node[], ids: Iterable<string>): Set<string> {
  const dependents = nextOf(nodes);
  return new Set(reach(ids, (id) => dependents.get(id) ?? []).keys());
}

/** By id: the ids of those that name it in `after`. */
function nextOf(nodes: readonly Node[]): Map<string, string[]> {
  const next = new Map<string, string[]>(nodes.map((node) => [node.id, []]));
  for (const node of nodes) for (const id of node.after) next.get(id)?.push(node.id);
  return next;
}

/** Asks for the ids of all nodes that a node depends on, directly or through others; each is worked out once. */
export function ancestors(nodes: readonly Node[]): (id: string) => ReadonlySet<string> {
  const after = new Map(nodes.map((node) => [node.id, node.after]));
  const known = new Map<string, Set<string>>();
  return (id) => {
    const found = known.get(id) ?? new Set(reach([id], (below) => after.get(below) ?? []).keys());
    known.set(id, found);
    return found;
  };
}

function indexById<T extends Node>(nodes: readonly T[]): Map<string, T> {
  const byId = new Map<string, T>();
  for (const node of nodes) {
    if (byId.has(node.id))
      throw new MeshplanError('graph-duplicate-node', `two actions are called ${node.id}`);
    byId.set(node.id, node);
  }
  return byId;
}
