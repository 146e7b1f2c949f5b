import type { Findings } from '../findings.js';
import { type MergeRules, mergePatch } from '../patch/merge-patch.js';
import { type ListNode, type SourceNode, textAt } from '../yaml/source-node.js';

/** Keys by which the items of a list are told apart. */
const nameKeys = ['name', 'host'] as const;

/**
 * What overlays do beyond RFC 7386: lists of named things merge item by item. An item with a known `name` (or
 * `host`) merges, one with a new name is appended.
 */
export function overlayRules(findings: Findings): MergeRules {
  const rules: MergeRules = {
    lists: (base, patch) => mergeLists(base, patch, rules),
    nothingToDelete(key, { keyAt, at }) {
      const message = `nothing to delete: there is no \`${key}\` here`;
      const hint = 'mind the spelling, or take the line out';
      findings.warning('overlay-no-effect', keyAt ?? at, message, hint);
    },
  };
  return rules;
}

function mergeLists(base: ListNode, patch: ListNode, rules: MergeRules): SourceNode {
  const key = nameKeys.find((name) =>
    [...base.items, ...patch.items].every((item) => textAt(item, [name]) !== undefined),
  );
  if (key === undefined) return patch;
  const items = [...base.items];
  for (const item of patch.items) {
    const index = items.findIndex((other) => textAt(other, [key]) === textAt(item, [key]));
    const present = items[index];
    if (present === undefined) items.push(item);
    else items[index] = mergePatch(present, item, rules);
  }
  return { ...base, items };
}
