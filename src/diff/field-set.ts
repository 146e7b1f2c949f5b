/** One level of fieldsV1: `f:name`, `k:{"name":"x"}` or `v:value` each with what is below, and `.` for itself. */
export type FieldSet = Record<string, unknown>;

/** A plain value, or a list or map that is owned as a whole: it has no members in the set. */
export const isLeaf = (set: FieldSet): boolean => Object.keys(set).every((key) => key === '.');

/** Whether a key of a set, `k:…` or `v:…`, means this item of a list. */
export function meansItem(key: string, item: unknown): boolean {
  if (key.startsWith('v:')) return JSON.stringify(item) === key.slice(2);
  if (!key.startsWith('k:') || typeof item !== 'object' || item === null) return false;
  const wanted = JSON.parse(key.slice(2)) as FieldSet;
  return Object.entries(wanted).every(([name, value]) => (item as FieldSet)[name] === value);
}
