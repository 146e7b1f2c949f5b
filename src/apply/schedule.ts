import type { Node } from '../graph/graph.js';

export interface ScheduleOptions<T extends Node> {
  parallelism: number;
  /** When it fires, nothing new begins; what runs is waited for. */
  signal: AbortSignal;
  run: (node: T) => Promise<void>;
  /** Told about a node that will not run, because `because` did not get done. */
  onSkipped: (node: T, because: string) => void;
}

export interface ScheduleResult {
  done: Set<string>;
  failed: Map<string, unknown>;
  skipped: Set<string>;
  left: Set<string>;
}

/**
 * Runs every node once all it depends on is done, as many at a time as allowed. A failure skips only
 * what depends on it.
 */
export async function runGraph<T extends Node>(
  nodes: readonly T[],
  options: ScheduleOptions<T>,
): Promise<ScheduleResult> {
  const result: ScheduleResult = { done: new Set(), failed: new Map(), skipped: new Set(), left: new Set() };
  const waiting = new Set(nodes);
  const running = new Map<string, Promise<void>>();

  const skipStuck = () => {
    for (let found = true; found; ) {
      found = false;
      for (const node of waiting) {
        const because = node.after.find((id) => result.failed.has(id) || result.skipped.has(id));
        if (because === undefined) continue;
        waiting.delete(node);
        result.skipped.add(node.id);
        options.onSkipped(node, because);
        found = true;
      }
    }
  };
  const start = (node: T) => {
    waiting.delete(node);
    const work = options
      .run(node)
      .then(
        () => void result.done.add(node.id),
        (error: unknown) => void result.failed.set(node.id, error),
      )
      .finally(() => running.delete(node.id));
    running.set(node.id, work);
  };

  while (waiting.size > 0 || running.size > 0) {
    skipStuck();
    if (!options.signal.aborted) {
      for (const node of waiting) {
        if (running.size >= options.parallelism) break;
        if (node.after.every((id) => result.done.has(id))) start(node);
      }
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  for (const node of waiting) result.left.add(node.id);
  return result;
}
