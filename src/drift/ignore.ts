import { matcher } from '../match/globs.js';
import { coversPointer } from '../match/pointers.js';
import type { DriftEntry, DriftIgnore, IgnoredCount } from '../model/drift.js';

export interface Sieved {
  kept: DriftEntry[];
  /** What was taken out, as entries. */
  dropped: DriftEntry[];
  /** One for each rule, in their order. */
  ignored: IgnoredCount[];
}

/** Takes out what the rules name. Each field counts for the first rule that fits it. */
export function withoutIgnored(entries: DriftEntry[], rules: readonly DriftIgnore[]): Sieved {
  const sieves = rules.map((rule) => ({ rule, count: 0, isAbout: aboutBy(rule) }));
  const kept: DriftEntry[] = [];
  const dropped: DriftEntry[] = [];
  for (const entry of entries) {
    const fitting = sieves.filter(({ isAbout }) => isAbout(entry));
    const ruleFor = (path?: string) => fitting.find(({ rule }) => coversPath(rule, path));
    if (entry.patch.length === 0) {
      const found = ruleFor();
      if (found) found.count += 1;
      (found ? dropped : kept).push(entry);
      continue;
    }
    const out = entry.patch.filter(({ path }) => {
      const found = ruleFor(path);
      if (found) found.count += 1;
      return found !== undefined;
    });
    if (out.length > 0) dropped.push({ ...entry, patch: out });
    const left = entry.patch.filter((operation) => !out.includes(operation));
    if (left.length > 0) kept.push({ ...entry, patch: left });
  }
  return { kept, dropped, ignored: sieves.map(({ rule, count }) => ({ rule, count })) };
}

function aboutBy({ address, manager }: DriftIgnore): (entry: DriftEntry) => boolean {
  const isAddress = matcher(address);
  const isManager = manager === undefined ? undefined : matcher(manager);
  return ({ address: found, by }) => isAddress(found) && (!isManager || (by !== undefined && isManager(by)));
}

const coversPath = ({ pointers }: DriftIgnore, path: string | undefined): boolean =>
  !pointers || (path !== undefined && coversPointer(pointers, path));
