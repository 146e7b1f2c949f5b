import { type FieldSet, isLeaf, meansItem } from '../diff/field-set.js';
import { isEqual } from '../diff/patch.js';
import { isMap } from '../model/json.js';
import type { KubeObject } from '../model/kube.js';
import { FIELD_MANAGER } from '../model/names.js';

/**
 * Whether an apply of `declared` is certain to change nothing, told from the live object alone: meshplan
 * owns exactly the declared fields, and each has the declared value. Saves the dry-run of what is in
 * order, which is nearly everything. False means only that the server must be asked.
 */
export function isAppliedAsDeclared(declared: KubeObject, live: KubeObject): boolean {
  const entry = live.metadata.managedFields?.find(
    (item) => item.manager === FIELD_MANAGER && item.operation === 'Apply' && !item.subresource,
  );
  if (!entry?.fieldsV1) return false;
  const { apiVersion: _v, kind: _k, metadata, ...rest } = declared;
  const { name: _name, namespace: _namespace, ...meta } = metadata;
  // What names the object is in no set of fields.
  return covers(entry.fieldsV1, { ...rest, metadata: meta }, live);
}

/**
 * What API servers fill in where it is left out, in keys of lists and in what is owned as a whole: the protocol
 * of a port, the scope of a webhook's rule, and in a variable's source the version of a field and the divisor
 * of a resource.
 */
const FILLED_IN: Record<string, unknown> = { protocol: 'TCP', scope: '*', apiVersion: 'v1', divisor: '0' };

function covers(fields: FieldSet, declared: unknown, live: unknown): boolean {
  if (isLeaf(fields)) return isAllThereIs(declared, live);
  const keys = Object.keys(fields).filter((key) => key !== '.');
  if (Array.isArray(declared)) return Array.isArray(live) && coversList(fields, keys, declared, live);
  if (!isMap(declared) || !isMap(live)) return false;
  const names = Object.keys(declared);
  return (
    names.length === keys.length &&
    names.every((name) => {
      const below = fields[`f:${name}`];
      return isMap(below) && name in live && covers(below, declared[name], live[name]);
    })
  );
}

function coversList(fields: FieldSet, keys: string[], declared: unknown[], live: unknown[]): boolean {
  if (keys.length !== declared.length) return false;
  return keys.every((key) => {
    const mine = declared.filter((item) => meansItem(key, isMap(item) ? { ...FILLED_IN, ...item } : item));
    const theirs = live.filter((item) => meansItem(key, item));
    if (key.startsWith('v:')) return mine.length > 0 && theirs.length > 0;
    return mine.length === 1 && theirs.length === 1 && covers(fields[key] as FieldSet, mine[0], theirs[0]);
  });
}

/** Whether a value that is owned as a whole is as declared, and nothing beside that but what was filled in. */
function isAllThereIs(declared: unknown, live: unknown): boolean {
  if (Array.isArray(declared) && Array.isArray(live)) {
    return (
      declared.length === live.length && declared.every((item, index) => isAllThereIs(item, live[index]))
    );
  }
  if (!isMap(declared) || !isMap(live)) return isEqual(declared, live);
  const isFilledIn = (key: string) => !(key in declared) && FILLED_IN[key] === live[key];
  return (
    Object.entries(declared).every(([key, value]) => key in live && isAllThereIs(value, live[key])) &&
    Object.keys(live).every((key) => key in declared || isFilledIn(key))
  );
}
