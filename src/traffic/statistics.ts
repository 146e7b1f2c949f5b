import type { Latency } from '../model/traffic.js';

/** Milliseconds of requests, given in seconds; undefined where there is none. */
export function latencyOf(seconds: readonly number[]): Latency | undefined {
  if (seconds.length === 0) return undefined;
  const sorted = seconds.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  return { median: milliseconds(median), max: milliseconds(sorted.at(-1) ?? 0) };
}

const milliseconds = (seconds: number): number => Math.round(seconds * 10_000) / 10;

/**
 * The counts that a share may have in `n` independent trials: the smallest range that leaves out at most
 * (1 − confidence) / 2 on each side. The binomial distribution itself, no approximation.
 */
export function binomialBounds(n: number, share: number, confidence = 0.999): { low: number; high: number } {
  const tail = (1 - confidence) / 2;
  const below = (p: number): number => {
    let sum = 0;
    for (let k = 0; k <= n; k += 1) {
      sum += probability(n, p, k);
      if (sum > tail) return k;
    }
    return n;
  };
  return { low: below(share), high: n - below(1 - share) };
}

/** P(X = k), by logarithms, for the factors overflow. */
function probability(n: number, p: number, k: number): number {
  if (p === 0 || p === 1) return Number(k === n * p);
  let log = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 1; i <= k; i += 1) log += Math.log((n - k + i) / i);
  return Math.exp(log);
}

/** How often each value occurs. */
export function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
