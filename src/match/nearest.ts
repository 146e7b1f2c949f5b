import { CLUSTER_SUFFIX } from '../model/service.js';

/** The number of single-letter changes that turn `a` into `b` (Levenshtein distance). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The one of `known` that a typist most likely meant by `word`, or cut short; undefined when none is close, or a
 * short word is as close to several.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const names = [...new Set(known)];
  const near = names
    .map((name) => ({ name, steps: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ steps }) => steps <= limit)
    .sort((a, b) => a.steps - b.steps);
  const [best, next] = near;
  if (best !== undefined) return word.length < 4 && next?.steps === best.steps ? undefined : best.name;
  const longer = word.length < 4 ? [] : names.filter((name) => name.startsWith(word));
  return longer.length === 1 ? longer[0] : undefined;
}

/** The one of `known`, full names of Services, that was most likely meant; what all end with does not count. */
export function nearestHost(host: string, known: Iterable<string>): string | undefined {
  const full = new Map([...known].map((name) => [withoutSuffix(name), name]));
  return full.get(nearest(withoutSuffix(host), full.keys()) ?? '');
}

const withoutSuffix = (host: string) => host.replace(CLUSTER_SUFFIX, '');

/** `did you mean …?` where a name is close, else the list of what is known. */
export function suggestion(word: string, known: Iterable<string>): string {
  const names = [...known];
  const close = nearest(word, names);
  if (close !== undefined) return `did you mean \`${close}\`?`;
  return names.length > 0 ? `known here: ${names.join(', ')}` : 'nothing may stand here';
}
