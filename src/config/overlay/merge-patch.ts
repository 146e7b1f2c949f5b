import type { Findings } from '../findings.js';
import { type ListNode, type MapNode, type SourceNode, textAt } from '../yaml/source-node.js';

/** Keys by which the items of a list are told apart. */
const nameKeys = ['name', 'host'] as const;

/**
 * A JSON merge patch (RFC 7386) that also merges lists of named things item by item: `null` deletes a key,
 * maps merge, an item with a known `name` (or `host`) merges, one with a new name is appended, all else replaces.
 */
export function mergePatch(base: SourceNode, patch: SourceNode, findings: Findings): SourceNode {
  if (patch.kind === 'map') {
    return mergeMaps(base.kind === 'map' ? base : { ...patch, entries: {} }, patch, findings);
  }
  if (patch.kind === 'list' && base.kind === 'list') return mergeLists(base, patch, findings);
  return patch;
}

function mergeMaps(base: MapNode, patch: MapNode, findings: Findings): MapNode {
  const entries = { ...base.entries };
  for (const [key, value] of Object.entries(patch.entries)) {
    const present = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (value.kind === 'scalar' && value.value === null) {
      if (present === undefined) reportNothingToDelete(key, value, findings);
      delete entries[key];
    } else if (present === undefined) {
      entries[key] = mergePatch({ kind: 'scalar', at: value.at, value: null }, value, findings);
    } else {
      entries[key] = mergePatch(present, value, findings);
    }
  }
  return { ...base, entries };
}

function reportNothingToDelete(key: string, value: SourceNode, findings: Findings): void {
  const message = `nothing to delete: there is no \`${key}\` here`;
  findings.warning(
    'overlay-no-effect',
    value.keyAt ?? value.at,
    message,
    'mind the spelling, or take the line out',
  );
}

function mergeLists(base: ListNode, patch: ListNode, findings: Findings): SourceNode {
  const key = nameKeys.find((name) =>
    [...base.items, ...patch.items].every((item) => textAt(item, [name]) !== undefined),
  );
  if (key === undefined) return patch;
  const items = [...base.items];
  for (const item of patch.items) {
    const index = items.findIndex((other) => textAt(other, [key]) === textAt(item, [key]));
    const present = items[index];
    if (present === undefined) items.push(item);
    else items[index] = mergePatch(present, item, findings);
  }
  return { ...base, items };
}
