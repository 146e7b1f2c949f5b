import { isEqual, mergeKey } from '../diff/patch.js';
import { isMap } from '../model/json.js';
import { escapePointer } from '../model/unknown.js';
import { canonicalJson } from '../saved/canonical.js';
import type { Rename } from './places.js';

/** Where a declared object is not as it was proved. */
export interface FieldDifference {
  /** A JSON pointer into the declared object; of what it lacks, into the proved one. */
  pointer: string;
  /** Left out where there was nothing. */
  proved?: unknown;
  /** Left out where there is nothing. */
  declared?: unknown;
}

/** What one side calls its places. */
export interface Side {
  value: unknown;
  rename: Rename;
}

/** Lists of named things whose order means something. */
const ORDERED = /\/initContainers$/;

/** All fields that differ in more than what places are called. */
export function differences(proved: Side, declared: Side, pointer = ''): FieldDifference[] {
  if (isSame(proved, declared)) return [];
  const [was, is] = [proved.value, declared.value];
  if (isMap(was) && isMap(is)) {
    return aligned(pairs(entriesOf(was, proved.rename), entriesOf(is, declared.rename)), pointer);
  }
  if (Array.isArray(was) && Array.isArray(is)) return inLists(was, is, { proved, declared }, pointer);
  return [{ pointer, proved: was, declared: is }];
}

const isSame = (proved: Side, declared: Side): boolean =>
  isEqual(proved.value, declared.value) || common(proved) === common(declared);

/** What two sides must have in common: canonical, for the order of keys means nothing. */
const common = ({ value, rename }: Side): string => canonicalJson(renamed(value, rename));

/** The value with all of its texts and keys as `rename` has them; what comes out equal in a list stands there once. */
function renamed(value: unknown, rename: Rename): unknown {
  if (typeof value === 'string') return rename(value);
  if (Array.isArray(value)) return onceEach(value, rename).map((item) => renamed(item, rename));
  if (!isMap(value)) return value;
  const members = new Map<string, unknown[]>();
  for (const [key, child] of Object.entries(value)) {
    const name = rename(key);
    members.set(name, [...(members.get(name) ?? []), renamed(child, renameIn(key, rename))]);
  }
  return Object.fromEntries([...members].map(([name, found]) => [name, oneOrSeveral(found)]));
}

/** What stands under keys that mean the same place: once where it is the same, else all that there is of it. */
function oneOrSeveral(found: unknown[]): unknown {
  const distinct = new Map(found.map((value) => [canonicalJson(value), value]));
  return distinct.size === 1 ? found[0] : [...distinct].sort().map(([, value]) => value);
}

/** An image's registry may be one of a region; its tag or digest says what runs, and names no place. */
const renameIn = (key: string, rename: Rename): Rename =>
  key === 'image' ? (text) => text.replace(/^.*?(?=@|:[^/]*$|$)/, rename) : rename;

/** An item for each of many clusters is as good as one; items that name no place all count. */
function onceEach(items: unknown[], rename: Rename): unknown[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const text = canonicalJson(renamed(item, rename));
    if (text === canonicalJson(item)) return true;
    return !seen.has(text) && seen.add(text);
  });
}

/** One member on either side, or on one of them alone. */
interface Pair {
  token: string;
  proved?: Entry;
  declared?: Entry;
}

interface Entry extends Side {
  key: string;
  token: string;
}

const entriesOf = (map: Record<string, unknown>, rename: Rename): Entry[] =>
  Object.entries(map).map(([key, value]) => ({ key, token: key, value, rename: renameIn(key, rename) }));

/** Members of one name, else of names that mean the same place. */
function pairs(proved: Entry[], declared: Entry[]): Pair[] {
  const partnerOf = (one: Entry, others: Entry[]) =>
    others.find(({ key }) => key === one.key) ??
    others.find((other) => other.rename(other.key) === one.rename(one.key));
  const found = declared.map((entry): Pair => {
    const partner = partnerOf(entry, proved);
    return { token: entry.token, declared: entry, ...(partner ? { proved: partner } : {}) };
  });
  const gone = proved.filter((entry) => !partnerOf(entry, declared));
  return [...found, ...gone.map((entry): Pair => ({ token: entry.token, proved: entry }))];
}

function aligned(members: Pair[], pointer: string): FieldDifference[] {
  return members.flatMap(({ token, proved, declared }) => {
    const at = `${pointer}/${escapePointer(token)}`;
    if (proved && declared) return differences(proved, declared, at);
    return [
      {
        pointer: at,
        ...(proved ? { proved: proved.value } : {}),
        ...(declared ? { declared: declared.value } : {}),
      },
    ];
  });
}

function inLists(
  was: unknown[],
  is: unknown[],
  { proved, declared }: { proved: Side; declared: Side },
  pointer: string,
): FieldDifference[] {
  const key = ORDERED.test(pointer) ? undefined : mergeKey(was, is);
  if (key === undefined) return aligned(inOrder(was, is, proved.rename, declared.rename), pointer);
  const named = (items: unknown[], rename: Rename): Entry[] =>
    items.map((value, index) => ({
      key: String((value as Record<string, unknown>)[key]),
      token: String(index),
      value,
      rename,
    }));
  const members = pairs(named(was, proved.rename), named(is, declared.rename));
  const found = aligned(members, pointer);
  return found.length === 0 && isMoved(members) ? [{ pointer, proved: was, declared: is }] : found;
}

/** Whether members that both sides have stand in another order. */
function isMoved(members: Pair[]): boolean {
  const places = members.flatMap(({ proved }) => (proved ? [Number(proved.token)] : []));
  return places.some((place, index) => place < (places[index - 1] ?? 0));
}

/** Plain lists side by side, without what they end with alike. */
function inOrder(was: unknown[], is: unknown[], renameWas: Rename, renameIs: Rename): Pair[] {
  const [proved, declared] = [itemsOf(was, renameWas), itemsOf(is, renameIs)];
  const isAlike = (one: Entry | undefined, other: Entry | undefined) => one && other && isSame(one, other);
  while (proved.length !== declared.length && isAlike(proved.at(-1), declared.at(-1))) {
    proved.pop();
    declared.pop();
  }
  return Array.from({ length: Math.max(proved.length, declared.length) }, (_, index) => ({
    token: String(index),
    ...(proved[index] ? { proved: proved[index] } : {}),
    ...(declared[index] ? { declared: declared[index] } : {}),
  }));
}

const itemsOf = (items: unknown[], rename: Rename): Entry[] =>
  onceEach(items, rename).map((value, index) => ({ key: '', token: String(index), value, rename }));
