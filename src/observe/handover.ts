import { isController } from '../diff/ownership.js';
import type { KubeObject, ManagedFieldsEntry } from '../model/kube.js';
import { FIELD_MANAGER } from '../model/names.js';

type Fields = Record<string, unknown>;

/**
 * The managedFields of an object that has just been adopted, without its former makers: a field that two own
 * would stay when meshplan ceases to declare it, and what was there already is nothing that others add. In a
 * Namespace, which is given back one day, they keep what they had set of the declaration. Undefined where
 * nothing is to change.
 */
export function handedOver(live: KubeObject): ManagedFieldsEntry[] | undefined {
  const entries = live.metadata.managedFields ?? [];
  const own = entries.find(
    ({ manager, operation, subresource }) =>
      manager === FIELD_MANAGER && operation === 'Apply' && !subresource,
  );
  if (!own?.fieldsV1) return undefined;
  const declared = live.kind === 'Namespace' ? own.fieldsV1 : {};
  const left = entries.flatMap((entry) => {
    const { manager = '', subresource, fieldsV1 = {} } = entry;
    if (manager === FIELD_MANAGER || subresource || isController(manager)) return [entry];
    const kept = within(fieldsV1, declared);
    return isEmpty(kept) ? [] : [{ ...entry, fieldsV1: kept }];
  });
  return JSON.stringify(left) === JSON.stringify(entries) ? undefined : left;
}

/** The fields of one set that are in another too; sets are keyed `f:name`, `k:{…}`, `v:value` and `.`. */
function within(theirs: Fields, ours: Fields): Fields {
  const entries = Object.entries(theirs).flatMap(([key, below]) => {
    const own = ours[key] as Fields | undefined;
    if (own === undefined) return [];
    if (isEmpty(own) || isEmpty(below as Fields)) return [[key, below] as const];
    const common = within(below as Fields, own);
    return isEmpty(common) ? [] : [[key, common] as const];
  });
  return Object.fromEntries(entries);
}

const isEmpty = (fields: Fields) => Object.keys(fields).length === 0;
