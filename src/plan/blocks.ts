import { isUnread, type PlannedAction } from '../model/plan.js';

/**
 * What waits for a blocked action, or for one that could not be read, is blocked too; also through
 * actions that have nothing to change, for an apply does not pass them either.
 */
export function propagateBlocks(actions: PlannedAction[]): PlannedAction[] {
  const stuck = new Set<string>();
  return actions.map((action) => {
    const isStuck = action.change === 'blocked' || isUnread(action.reason);
    const waits = action.after.some((id) => stuck.has(id));
    if (isStuck || waits) stuck.add(action.id);
    const turns = waits && !isStuck && action.change !== 'noop';
    return turns ? { ...action, change: 'blocked', reason: 'dependency-blocked' } : action;
  });
}
