/**
 * Everything that can be reached from some nodes, each with the node through which it was found first, nearest
 * first. A start is in the answer only where another node leads to it.
 */
export function reach(starts: Iterable<string>, next: (id: string) => Iterable<string>): Map<string, string> {
  const queue = [...starts];
  const seen = new Set(queue);
  const found = new Map<string, string>();
  for (const current of queue) {
    for (const id of next(current)) {
      if (!found.has(id)) found.set(id, current);
      if (seen.has(id)) continue;
      seen.add(id);
      queue.push(id);
    }
  }
  return found;
}
