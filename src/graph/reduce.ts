import type { Node } from './graph.js';
import { reach } from './reach.js';

/**
 * The edges that say all: one is left out where others lead the same way. For people, who would not see the
 * order for arrows.
 */
export function reduced<T extends Node>(nodes: readonly T[]): (T & { after: string[] })[] {
  const afterOf = new Map(nodes.map((node) => [node.id, node.after]));
  const earlier = (id: string) => afterOf.get(id) ?? [];
  return nodes.map((node) => {
    const direct = [...new Set(node.after)];
    const beyond = new Map(direct.map((id) => [id, reach([id], earlier)]));
    const after = direct.filter((id) => !direct.some((other) => other !== id && beyond.get(other)?.has(id)));
    return { ...node, after };
  });
}
