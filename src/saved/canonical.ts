import { createHash } from 'node:crypto';

/**
 * JSON in one way only: keys sorted, no white space, what has no value left out. Two values that a reader
 * of JSON takes for equal give the same text, whoever wrote them (RFC 8785 in all that plans hold).
 */
export const canonicalJson = (value: unknown): string => write(JSON.parse(JSON.stringify(value) ?? 'null'));

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  // Put together by hand, for an object would move keys that look like numbers to its front.
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${write(child)}`).join(',')}}`;
}

/** `sha256:` and the digest of the canonical JSON, in lower-case hexadecimal. */
export const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
