import type { ListNode, MapNode, SourceNode } from '../yaml/source-node.js';

/** What a merge patch may do beyond RFC 7386. */
export interface MergeRules {
  /** What comes of a list that meets a list. */
  lists(base: ListNode, patch: ListNode): SourceNode;
  /** Told of a `null` that has nothing to delete. */
  nothingToDelete(key: string, value: SourceNode): void;
}

const PLAIN: MergeRules = { lists: (_, patch) => patch, nothingToDelete: () => {} };

/** A JSON merge patch (RFC 7386): `null` deletes a key, maps merge, all else replaces. */
export function mergePatch(base: SourceNode, patch: SourceNode, rules: MergeRules = PLAIN): SourceNode {
  if (patch.kind === 'map') {
    return mergeMaps(base.kind === 'map' ? base : { ...patch, entries: {} }, patch, rules);
  }
  if (patch.kind === 'list' && base.kind === 'list') return rules.lists(base, patch);
  return patch;
}

function mergeMaps(base: MapNode, patch: MapNode, rules: MergeRules): MapNode {
  const entries = { ...base.entries };
  for (const [key, value] of Object.entries(patch.entries)) {
    const present = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (value.kind === 'scalar' && value.value === null) {
      if (present === undefined) rules.nothingToDelete(key, value);
      delete entries[key];
    } else if (present === undefined) {
      entries[key] = mergePatch({ kind: 'scalar', at: value.at, value: null }, value, rules);
    } else {
      entries[key] = mergePatch(present, value, rules);
    }
  }
  return { ...base, entries };
}
