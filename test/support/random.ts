/**
 * Numbers from 0 to 1 that a seed repeats (mulberry32). MESHPLAN_TEST_SEED sets the seed; without it each
 * run has another, and prints it so that a failure can be run again.
 */
export function seededRandom(purpose: string): () => number {
  const seed = Number(process.env.MESHPLAN_TEST_SEED ?? Date.now() % 1_000_000);
  console.log(`${purpose}: MESHPLAN_TEST_SEED=${seed}`);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
