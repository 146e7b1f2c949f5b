import type { Operation } from 'fast-json-patch';
import type { DesiredAction, Impact } from '../model/action.js';
import type { Change, PlannedObject } from '../model/plan.js';

/** Kinds whose change restarts pods only where it reaches their template. */
const RESTARTING = new Set(['control-plane', 'workload']);

/** Labels and annotations of meshplan's own tell nothing to anybody else. */
function isMarkOnly(change: Change, patch: readonly Operation[]): boolean {
  return change === 'update' && patch.length > 0 && patch.every(isMark);
}

function isMark(operation: Operation): boolean {
  if (/^\/metadata\/(labels|annotations)\/meshplan\.dev~1/.test(operation.path)) return true;
  const isWhole = /^\/metadata\/(labels|annotations)$/.test(operation.path);
  const value = 'value' in operation ? operation.value : {};
  return isWhole && Object.keys(value as object).every((key) => key.startsWith('meshplan.dev/'));
}

/** What the action does to traffic now: new objects have nothing yet that could be disturbed. */
export function impactOf(action: DesiredAction, objects: PlannedObject[]): Impact {
  const changed = objects.filter(
    ({ change, patch }) => ['update', 'replace', 'unknown'].includes(change) && !isMarkOnly(change, patch),
  );
  const isFelt = RESTARTING.has(action.kind)
    ? changed.some(
        ({ change, patch }) =>
          change !== 'update' || patch.some(({ path }) => /^\/spec(\/template|$)/.test(path)),
      )
    : changed.length > 0;
  return isFelt ? action.impact : 'none';
}
