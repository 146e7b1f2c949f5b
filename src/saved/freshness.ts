import { authorOf, type FieldOwner, foreignOwner } from '../diff/ownership.js';
import { patchBetween } from '../diff/patch.js';
import type { KubeObject } from '../model/kube.js';
import { FIELD_MANAGER } from '../model/names.js';
import { isUnread, type PlannedObject } from '../model/plan.js';
import { canonicalJson } from './canonical.js';
import type { Basis, SavedObject } from './saved-plan.js';

/** Why a planned change of one object can no longer be made as it was planned. */
export interface Staleness {
  address: string;
  cluster: string;
  /** The end of a sentence that begins with the address. */
  what: string;
  /** JSON pointers, where there is more to tell than that. */
  fields: string[];
  by?: string;
  at?: string;
}

export interface Comparison {
  saved: SavedObject;
  basis: Basis | undefined;
  /** The same object planned anew; undefined where nothing is to be done about it any more. */
  fresh: PlannedObject | undefined;
  live: KubeObject | undefined;
}

/**
 * Whether a planned change is stale. The same change from the same values is fresh, whatever happened to the
 * rest of the object; so is less of it, because a part is satisfied already.
 */
export function stalenessOf(comparison: Comparison): Staleness | undefined {
  const { saved, basis, fresh, live } = comparison;
  if (!fresh || isUnread(fresh.reason)) return undefined;
  if (fresh.reason === 'holds-foreign-objects') return tell(comparison, 'now holds objects of others');
  if (fresh.change === 'noop') return undefined;
  if (!basis) return fresh.change === 'create' ? undefined : tell(comparison, 'was made since the plan');
  // What was to go, or to be made anew, has gone already.
  if (fresh.change === 'create') {
    return saved.change === 'replace' ? undefined : tell(comparison, 'was deleted since the plan');
  }
  if ((live?.metadata.uid ?? fresh.uid) !== basis.uid)
    return tell(comparison, 'was made anew since the plan');
  if (saved.change === 'delete' && fresh.change === 'delete') return undefined;
  const fields = changedFields(comparison);
  if (fields?.length === 0) return undefined;
  const what = isSame(live, basis) ? 'would now change in another way' : 'has changed since the plan';
  return tell(comparison, what, fields);
}

const isSame = (live: KubeObject | undefined, basis: Basis | undefined): boolean =>
  live !== undefined && live.metadata.resourceVersion === basis?.resourceVersion;

/** Pointers at which the change is another one now; undefined where that cannot be told. */
function changedFields({ saved, basis, fresh, live }: Comparison): string[] | undefined {
  const isSameVersion = isSame(live, basis);
  if (saved.change === 'unknown') {
    if (isSameVersion) return [];
    const before = basis?.fields?.[''] as KubeObject | undefined;
    return before && live && pathsOf(patchBetween(before, live));
  }
  if (fresh?.change !== saved.change) return undefined;
  if (saved.sensitive) return isSameVersion ? [] : undefined;
  const planned = new Set(saved.patch.map((item) => operationKey(item, basis?.fields)));
  return pathsOf(fresh.patch.filter((item) => !planned.has(operationKey(item, fresh.before))));
}

const pathsOf = (patch: { path: string }[]) => patch.map(({ path }) => path);

/** An operation with the value that it replaces. */
const operationKey = (operation: { path: string }, before: Record<string, unknown> | undefined) =>
  canonicalJson([operation, before?.[operation.path]]);

function tell({ saved, live }: Comparison, what: string, fields: string[] = []): Staleness {
  const author = live && changerOf(live, fields);
  return {
    address: saved.address,
    cluster: saved.cluster,
    what,
    fields,
    ...(author ? { by: author.manager } : {}),
    ...(author?.time ? { at: author.time } : {}),
  };
}

/** Who owns a changed field; where nobody does, for it was removed, who wrote to the object last. */
function changerOf(live: KubeObject, fields: string[]): FieldOwner | undefined {
  for (const field of fields) {
    const owner = foreignOwner(live, field, FIELD_MANAGER);
    if (owner) return owner;
  }
  return authorOf(live);
}
