import type { DesiredAction, Impact } from '../model/action.js';
import type { PlannedObject } from '../model/plan.js';

/** Kinds whose change restarts pods only where it reaches their template. */
const RESTARTING = new Set(['control-plane', 'workload']);

/** What the action does to traffic now: new objects have nothing yet that could be disturbed. */
export function impactOf(action: DesiredAction, objects: PlannedObject[]): Impact {
  const changed = objects.filter(({ change }) => ['update', 'replace', 'unknown'].includes(change));
  const isFelt = RESTARTING.has(action.kind)
    ? changed.some(
        ({ change, patch }) =>
          change !== 'update' || patch.some(({ path }) => /^\/spec(\/template|$)/.test(path)),
      )
    : changed.length > 0;
  return isFelt ? action.impact : 'none';
}
