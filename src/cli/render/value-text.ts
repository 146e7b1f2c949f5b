/** Longer values are cut, so that one field cannot hide the rest of a plan. */
const LONGEST = 300;
/** How much of what stays the same is shown on either side of what differs. */
const CONTEXT = 30;

/** A value on one line. */
export function valueText(value: unknown): string {
  return cut(jsonOf(value));
}

/**
 * A value before and after, on one line. Of long ones, such as the Helm values that istiod's chart keeps in
 * a ConfigMap, only what differs is shown: both begin alike.
 */
export function changeText(before: unknown, after: unknown): string {
  const [was, is] = [jsonOf(before), jsonOf(after)];
  if (Math.max(was.length, is.length) <= LONGEST) return `${was} -> ${is}`;
  if (typeof before === 'string' && typeof after === 'string') {
    const [gone, come] = [linesBeyond(before, after), linesBeyond(after, before)];
    const isShort = gone.length + come.length <= 2 * LONGEST;
    if (isShort && (gone.length > 0 || come.length > 0)) return `${gone || '…'} -> ${come || '…'}`;
  }
  return changedPart(was, is);
}

/** The lines of a text that another one has not, or not as often; empty for what is one line each. */
function linesBeyond(text: string, other: string): string {
  if (!text.includes('\n') || !other.includes('\n')) return '';
  const rest = new Map<string, number>();
  for (const line of other.split('\n')) rest.set(line, (rest.get(line) ?? 0) + 1);
  const beyond = text.split('\n').filter((line) => {
    const left = rest.get(line) ?? 0;
    rest.set(line, left - 1);
    return left <= 0;
  });
  return beyond.map((line) => `…${line.trim()}…`).join(' ');
}

/** Two long lines, cut to where they differ. */
function changedPart(was: string, is: string): string {
  const shorter = Math.min(was.length, is.length);
  let start = 0;
  while (start < shorter && was[start] === is[start]) start += 1;
  let end = 0;
  while (end < shorter - start && was.at(-1 - end) === is.at(-1 - end)) end += 1;
  const from = Math.max(0, start - CONTEXT);
  const part = (text: string) => {
    const to = Math.min(text.length, text.length - end + CONTEXT);
    return `${from > 0 ? '…' : ''}${cut(text.slice(from, to))}${to < text.length ? '…' : ''}`;
  };
  return `${part(was)} -> ${part(is)}`;
}

const jsonOf = (value: unknown) => JSON.stringify(value) ?? 'null';

const cut = (text: string) =>
  text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
