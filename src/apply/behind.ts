import type { PlannedAction } from '../model/plan.js';

/** Who waits for one action. */
export interface Behind {
  /** Those that it keeps from beginning by itself, past actions with nothing to do. */
  next: PlannedAction[];
  /** All that wait for it, however far behind. */
  count: number;
}

/** Who waits for the action `id`. `settled`: those that have begun, or never will. */
export function behind(id: string, actions: readonly PlannedAction[], settled: ReadonlySet<string>): Behind {
  const next = new Map<string, PlannedAction>();
  const all = new Map<string, PlannedAction>();
  const seen = new Set<string>();
  const visit = (from: string, isNear: boolean) => {
    for (const action of actions) {
      if (!action.after.includes(from)) continue;
      const isQuiet = action.change === 'noop';
      const waits = !isQuiet && action.change !== 'blocked' && !settled.has(action.id);
      if (waits && isNear) next.set(action.id, action);
      if (waits) all.set(action.id, action);
      const key = `${action.id} ${isNear && isQuiet}`;
      if (seen.has(key)) continue;
      seen.add(key);
      visit(action.id, isNear && isQuiet);
    }
  };
  visit(id, true);
  return { next: [...next.values()], count: all.size };
}
