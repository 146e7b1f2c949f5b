import type { DriftEntry, PendingChange } from '../model/drift.js';
import { isUnread, type Plan, type PlannedAction, type PlannedObject } from '../model/plan.js';

/**
 * What an apply would do beside taking drift back. `drift` is all of it, what is ignored too: that a
 * change is ignored does not make it a change of the declaration.
 */
export function pendingChanges(plan: Plan, drift: readonly DriftEntry[]): PendingChange[] {
  const explaining = drift.filter((entry) => entry.lens !== 'added');
  return plan.actions
    .filter((action) => action.change !== 'noop' && !isUnread(action.reason))
    .filter((action) => plan.complete || action.objects.length > 0 || !waitsForUnread(action))
    .flatMap((action) =>
      action.objects.length === 0
        ? [{ action, address: action.id, change: action.change, reason: action.reason, fields: [] }]
        : action.objects
            .filter((object) => plan.complete || !isUndecided(action, object))
            .flatMap((object) => pendingOf(action, object, explaining)),
    );
}

const waitsForUnread = ({ reason }: PlannedAction): boolean => reason === 'dependency-blocked';

/**
 * What needs a value of a cluster that could not be read may be in order, as far as anybody can tell. So may all of a
 * remote's charts, which have another shape for a hostname than for an address.
 */
const isUndecided = (action: PlannedAction, object: PlannedObject): boolean =>
  waitsForUnread(action) && (object.change === 'unknown' || action.kind === 'data-plane');

function pendingOf(action: PlannedAction, object: PlannedObject, drift: DriftEntry[]): PendingChange[] {
  const { address, change, reason, patch } = object;
  if (change === 'noop' || isUnread(reason)) return [];
  const own = drift.filter((entry) => entry.address === address);
  if (own.some((entry) => entry.rule === 'deleted' || entry.rule === 'replaced')) return [];
  const explained = new Set(own.flatMap((entry) => entry.patch.map((operation) => operation.path)));
  const left = patch.map((operation) => operation.path).filter((path) => !explained.has(path));
  if (change === 'update' && left.length === 0) return [];
  return [{ action, address, change, reason, fields: change === 'update' ? left : [] }];
}
