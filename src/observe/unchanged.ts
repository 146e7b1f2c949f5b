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

type Fields = Record<string, unknown>;

/** `fields` is one level of fieldsV1: `f:name`, `k:{"name":"x"}`, `v:value`, and `.` for the item itself. */
function covers(fields: Fields, declared: unknown, live: unknown): boolean {
  const keys = Object.keys(fields).filter((key) => key !== '.');
  if (keys.length === 0) return isSame(declared, live);
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

function coversList(fields: Fields, keys: string[], declared: unknown[], live: unknown[]): boolean {
  if (keys.length !== declared.length) return false;
  return keys.every((key) => {
    if (key.startsWith('v:')) {
      const isValue = (item: unknown) => JSON.stringify(item) === key.slice(2);
      return declared.some(isValue) && live.some(isValue);
    }
    if (!key.startsWith('k:')) return false;
    const wanted = JSON.parse(key.slice(2)) as Fields;
    // The server may have filled in a part of the key, such as a port's protocol; then it is asked.
    const matches = (item: unknown) =>
      isMap(item) && Object.entries(wanted).every(([name, value]) => item[name] === value);
    const [mine, theirs] = [declared.filter(matches), live.filter(matches)];
    return mine.length === 1 && theirs.length === 1 && covers(fields[key] as Fields, mine[0], theirs[0]);
  });
}

/** Equal as JSON; a declared map that is owned as a whole must be all that is there. */
function isSame(declared: unknown, live: unknown): boolean {
  if (Object.is(declared, live)) return true;
  if (typeof declared !== 'object' || typeof live !== 'object' || !declared || !live) return false;
  if (Array.isArray(declared) !== Array.isArray(live)) return false;
  const keys = Object.keys(declared);
  return (
    keys.length === Object.keys(live).length &&
    keys.every((key) => key in live && isSame((declared as Fields)[key], (live as Fields)[key]))
  );
}

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
