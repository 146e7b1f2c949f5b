import { isSensitive, maskObject, maskPatch } from '../diff/mask.js';
import { patchBetween } from '../diff/patch.js';
import type { DesiredObject } from '../model/action.js';
import type { DriftEntry } from '../model/drift.js';
import { isOlder } from '../model/fences.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import { isProtected } from '../model/names.js';
import type { Change, PlannedObject, Reason } from '../model/plan.js';
import { findUnknowns } from '../model/unknown.js';
import type { Found, Observation } from '../observe/observe.js';
import type { KnownObjects } from '../observe/ours.js';
import type { BarePods } from '../observe/sidecars.js';
import { changedOutside, deletedOutside, liveValues, replacedOutside } from './drift.js';
import { HOLDS_DATA, replacementOf } from './replacement.js';
import { restartedFor, withRestart } from './restart.js';

/** What one desired object comes to, given what was seen of it. */
export function planObject(
  desired: DesiredObject,
  observation: Observation | undefined,
  known: KnownObjects,
  bare?: BarePods,
): { planned: PlannedObject; drift?: DriftEntry[] } {
  const base = describe(desired);
  const seen = observation ?? { type: 'unreachable' as const };
  switch (seen.type) {
    case 'absent': {
      const deleted = known.has(base.address) && seen.terminating === undefined;
      const reason =
        seen.terminating !== undefined ? 'being-deleted' : deleted ? 'deleted-outside' : 'absent';
      const planned = settle(base, 'create', reason, {
        patch: maskPatch([{ op: 'add', path: '', value: maskObject(desired.object) }]),
      });
      return deleted ? { planned, drift: [deletedOutside(base.address)] } : { planned };
    }
    case 'present': {
      const fenced = planFenced(desired, base, seen);
      if (fenced) return { planned: fenced };
      const { planned, ...rest } = planPresent(base, seen, known);
      const reason = restartedFor(desired, bare);
      return { planned: reason ? withRestart(planned, seen, reason) : planned, ...rest };
    }
    case 'unpredictable': {
      const reason = base.unknown.length > 0 ? 'awaits-value' : 'not-predictable';
      return {
        planned: settle(base, 'unknown', reason, {
          ...foundOf(seen),
        }),
      };
    }
    case 'immutable': {
      const found = { ...foundOf({ ...seen, ours: true }), ...replacementOf(desired.object, seen) };
      const change = HOLDS_DATA.has(base.kind) ? 'blocked' : 'replace';
      return { planned: settle(base, change, 'immutable-field', found) };
    }
    case 'conflict': {
      const planned = settle(base, 'blocked', 'conflict', uidOf(seen.live));
      const replaced = known.has(base.address);
      return replaced ? { planned, drift: [replacedOutside(base.address, seen.live)] } : { planned };
    }
    case 'invalid':
      return { planned: settle(base, 'blocked', 'invalid-object', {}) };
    case 'unread':
      return { planned: settle(base, 'unknown', seen.reason, {}) };
    case 'unreachable':
      return { planned: settle(base, 'unknown', 'cluster-unreachable', {}) };
  }
}

function describe({ cluster, object }: DesiredObject): PlannedObject {
  const ref = refOf(cluster, object);
  return {
    address: addressOf(ref),
    ...ref,
    change: 'noop',
    reason: 'in-sync',
    patch: [],
    sensitive: isSensitive(object),
    unknown: findUnknowns(object),
    force: false,
    shared: false,
  };
}

const settle = (
  base: PlannedObject,
  change: Change,
  reason: Reason,
  rest: Partial<PlannedObject>,
): PlannedObject => ({
  ...base,
  ...rest,
  change,
  reason,
});

const uidOf = (live: KubeObject) => (live.metadata.uid ? { uid: live.metadata.uid } : {});

/** What holds for every object that is there. */
const foundOf = ({ live, ours, adoptedFrom }: Found) => ({
  ...uidOf(live),
  force: ours,
  shared: !ours,
  ...(adoptedFrom ? { adoptedFrom } : {}),
  ...(isProtected(live) ? { protected: true } : {}),
});

/** What was made before a fence is made anew; what never was ours is not deleted. */
function planFenced(
  { madeSince }: DesiredObject,
  base: PlannedObject,
  seen: Found,
): PlannedObject | undefined {
  if (madeSince === undefined || !isOlder(seen.live, madeSince)) return undefined;
  if (!seen.ours) return settle(base, 'blocked', 'made-before-fence', foundOf(seen));
  const made = seen.live.metadata.creationTimestamp;
  const notes = [`made ${made}, before the fence of ${madeSince}: whoever holds it is refused from then on`];
  return settle(base, 'replace', 'made-before-fence', { ...foundOf(seen), notes });
}

function planPresent(
  base: PlannedObject,
  seen: Found & { predicted: KubeObject },
  known: KnownObjects,
): { planned: PlannedObject; drift?: DriftEntry[] } {
  const { live, predicted, ours, adoptedFrom } = seen;
  const patch = patchBetween(live, predicted);
  const rest = foundOf(seen);
  const replaced = !ours && known.has(base.address) ? [replacedOutside(base.address, live)] : [];
  const drift = ours ? changedOutside(base.address, live, patch, base.sensitive) : replaced;
  const told = drift.length > 0 ? { drift } : {};
  if (patch.length === 0 && !adoptedFrom) return { planned: settle(base, 'noop', 'in-sync', rest), ...told };
  const shown = {
    ...rest,
    patch: base.sensitive ? maskPatch(patch) : patch,
    before: liveValues(live, patch, base.sensitive),
  };
  if (adoptedFrom) return { planned: settle(base, 'update', 'adopted', shown) };
  const reason = drift.length > 0 ? 'changed-outside' : 'declaration-changed';
  return { planned: settle(base, 'update', reason, shown), ...told };
}
