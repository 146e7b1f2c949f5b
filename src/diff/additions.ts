import type { KubeObject, ManagedFieldsEntry } from '../model/kube.js';
import { escapePointer } from '../model/unknown.js';
import { type FieldSet, isLeaf, meansItem } from './field-set.js';
import { type FieldOwner, isController } from './ownership.js';

/** What one other manager has put into an object beside the fields of `own`. */
export interface Additions {
  owner: FieldOwner;
  /** JSON pointers into the object; of a list's item that is wholly theirs only the item's. */
  pointers: string[];
}

/**
 * Bookkeeping between controllers and the garbage collector, which a cloud's controllers write under any name; and
 * the time of `kubectl rollout restart`, which changes nothing but the pods' age.
 */
const HOUSEKEEPING =
  /^\/metadata\/(finalizers|ownerReferences)(\/|$)|^\/spec\/template\/metadata\/annotations\/kubectl\.kubernetes\.io~1restartedAt$/;

/**
 * What others have added to an object: fields that a manager other than `own` and the controllers owns and
 * `own` does not. The status is the controllers' own.
 */
export function additionsOf(object: KubeObject, own: string): Additions[] {
  const entries = object.metadata.managedFields ?? [];
  const ours = entries.filter((entry) => entry.manager === own).map(fieldsOf);
  return entries
    .filter(({ manager, subresource }) => manager && manager !== own && subresource !== 'status')
    .filter(({ manager = '' }) => !isController(manager))
    .map((entry) => ({
      owner: { manager: entry.manager ?? '', ...(entry.time ? { time: entry.time } : {}) },
      pointers: beyond(fieldsOf(entry), ours, object, '').filter((pointer) => !HOUSEKEEPING.test(pointer)),
    }))
    .filter(({ pointers }) => pointers.length > 0);
}

const fieldsOf = (entry: ManagedFieldsEntry): FieldSet => entry.fieldsV1 ?? {};

/** Pointers of what is in `theirs` and in none of `ours`, as far as it is in `value`. */
function beyond(theirs: FieldSet, ours: FieldSet[], value: unknown, pointer: string): string[] {
  return Object.entries(theirs).flatMap(([key, below]) => {
    if (key === '.') return [];
    const step = stepOf(key, value);
    // What has gone since, and the names of the object.
    if (!step || step.value === undefined) return [];
    const at = `${pointer}/${escapePointer(step.token)}`;
    const mine = ours.filter((set) => key in set).map((set) => set[key] as FieldSet);
    const set = below as FieldSet;
    const isItem = !key.startsWith('f:') && '.' in set;
    if (isLeaf(set) || (isItem && mine.length === 0)) return mine.length === 0 ? [at] : [];
    return beyond(set, mine, step.value, at);
  });
}

/** Where a key of a set leads in the object. */
function stepOf(key: string, value: unknown): { token: string; value: unknown } | undefined {
  if (key.startsWith('f:')) {
    const token = key.slice(2);
    return { token, value: (value as Record<string, unknown> | undefined)?.[token] };
  }
  if (!Array.isArray(value)) return undefined;
  const index = value.findIndex((item) => meansItem(key, item));
  return index < 0 ? undefined : { token: String(index), value: value[index] };
}
