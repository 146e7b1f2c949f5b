import { type Pair, Scalar, stringify, type YAMLMap } from 'yaml';
import type { Lines, Splice } from './splices.js';

/** A pair of a map as it is written: a plain or quoted key, and a scalar. */
export type WrittenPair = Pair<Scalar, Scalar> & { key: Scalar; value: Scalar };

/** A value that a field gets: a text, or a map of texts. */
export type FieldValue = string | Record<string, string>;

const startOf = ({ key }: WrittenPair): number => key.range?.[0] ?? 0;
const endOf = ({ value }: WrittenPair): number => value.range?.[1] ?? 0;

/** A text in the quotes that another scalar has; a plain one gets some only where it would not be a text. */
function textLike(sample: Scalar, value: string): string {
  if (sample.type === Scalar.QUOTE_DOUBLE) return JSON.stringify(value);
  if (sample.type === Scalar.QUOTE_SINGLE) return `'${value.replaceAll("'", "''")}'`;
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

/** A map on one line; its values are always quoted, for a moment is no text to every reader of YAML. */
function valueLike({ key, value: sample }: WrittenPair, value: FieldValue): string {
  if (typeof value === 'string') return textLike(sample, value);
  const quote = sample.type === Scalar.QUOTE_SINGLE ? "'" : '"';
  const members = Object.entries(value).map(
    ([name, text]) => `${textLike(key, name)}: ${quote}${text}${quote}`,
  );
  return `{ ${members.join(', ')} }`;
}

/** The value of a pair in the place of what it was. */
export const replaceValue = (pair: WrittenPair, value: string): Splice => ({
  start: pair.value.range?.[0] ?? 0,
  end: endOf(pair),
  text: textLike(pair.value, value),
});

/** New pairs after one that is there, written as that one: on lines of their own where it has one. */
export function insertAfter(
  lines: Lines,
  map: YAMLMap,
  pair: WrittenPair,
  added: readonly (readonly [name: string, value: FieldValue])[],
): Splice[] {
  const entries = added.map(([name, value]) => `${textLike(pair.key, name)}: ${valueLike(pair, value)}`);
  if (entries.length === 0) return [];
  const at = endOf(pair);
  const ending = lines.breakAfter(at);
  const put = (offset: number, text: string): Splice => ({ start: offset, end: offset, text });
  if (!map.flow) {
    const indent = ' '.repeat(startOf(pair) - lines.startOf(startOf(pair)));
    const next = lines.nextAfter(at);
    const text = entries.map((entry) => `${indent}${entry}`).join(ending);
    const isLast = !lines.text.slice(at, next).endsWith('\n');
    return [put(next, isLast ? `${ending}${text}` : `${text}${ending}`)];
  }
  const indent = lines.before(startOf(pair));
  const rest = /^([ \t]*,)?[ \t]*(?:#[^\n]*)?\r?\n/.exec(lines.text.slice(at));
  if (indent.trim() !== '' || !rest) return [put(at, entries.map((entry) => `, ${entry}`).join(''))];
  const text = entries.map((entry) => `${indent}${entry}`).join(`,${ending}`);
  if (rest[1] !== undefined) return [put(at + rest[0].length, `${text},${ending}`)];
  return [put(at, ','), put(at + rest[0].length, `${text}${ending}`)];
}

/** A pair out of its map, with its line where it has one, and the comment behind it. */
export function removePair(lines: Lines, map: YAMLMap, pair: WrittenPair): Splice[] {
  const cut = (start: number, end: number): Splice => ({ start, end, text: '' });
  const [start, end] = [startOf(pair), endOf(pair)];
  const hasOwnStart = lines.before(start).trim() === '';
  const next = lines.nextAfter(end);
  if (!map.flow) {
    if (hasOwnStart) return [cut(lines.startOf(start), next)];
    // The first of an item of a list: what comes next moves up behind the dash.
    return [cut(start, lines.somethingFrom(next))];
  }
  const index = map.items.indexOf(pair);
  const [previous, following] = [map.items[index - 1], map.items[index + 1]] as (WrittenPair | undefined)[];
  const commaBefore = previous && lines.commaBetween(endOf(previous), start);
  if (hasOwnStart && /^[ \t]*,?[ \t]*(#[^\n]*)?\r?\n$/.test(lines.text.slice(end, next))) {
    const line = cut(lines.startOf(start), next);
    return following || commaBefore === undefined ? [line] : [cut(commaBefore, commaBefore + 1), line];
  }
  if (previous && !lines.hasComment(endOf(previous), start)) return [cut(endOf(previous), end)];
  if (following) {
    const comma = lines.commaBetween(end, startOf(following)) ?? end;
    return [cut(start, lines.hasComment(end, startOf(following)) ? comma + 1 : startOf(following))];
  }
  return [cut(commaBefore ?? start, end)];
}
