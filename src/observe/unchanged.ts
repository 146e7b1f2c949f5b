import { type FieldSet, isLeaf, meansItem } from '../diff/field-set.js';
import { isEqual, isMap } from '../diff/patch.js';
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

/** A declared map or list that is owned as a whole must be all that is there. */
function covers(fields: FieldSet, declared: unknown, live: unknown): boolean {
  if (isLeaf(fields)) return isEqual(declared, live);
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
    const mine = declared.filter((item) => meansItem(key, item));
    const theirs = live.filter((item) => meansItem(key, item));
    if (key.startsWith('v:')) return mine.length > 0 && theirs.length > 0;
    // The server may have filled in a part of the key, such as a port's protocol; then it is asked.
    return mine.length === 1 && theirs.length === 1 && covers(fields[key] as FieldSet, mine[0], theirs[0]);
  });
}
