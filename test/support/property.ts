import fc from 'fast-check';

/** How often each property is tried. */
const RUNS = 250;

/** Properties are told apart by their place in their file. */
let count = 0;

/**
 * Asserts that a property holds. A case that does not is made small and printed with the words that run it
 * again: MESHPLAN_TEST_SEED, and MESHPLAN_TEST_PATH, which leads to this one case of its property.
 */
export async function holds<T>(
  cases: fc.Arbitrary<T>,
  property: (value: T) => Promise<void> | void,
): Promise<void> {
  count += 1;
  const number = count;
  const { MESHPLAN_TEST_SEED: seed, MESHPLAN_TEST_PATH: wanted = '' } = process.env;
  const [place, path = ''] = wanted.split('/');
  const result = await fc.check(
    fc.asyncProperty(cases, async (value) => property(value)),
    {
      numRuns: RUNS,
      ...(seed ? { seed: Number(seed) } : {}),
      ...(place === String(number) ? { path, endOnFailure: true } : {}),
    },
  );
  if (!result.failed) return;
  const again = `MESHPLAN_TEST_SEED=${result.seed} MESHPLAN_TEST_PATH=${number}/${result.counterexamplePath}`;
  console.log(
    `\nto run this case again: ${again} npx tsx ${process.argv[1]}\n${fc.stringify(result.counterexample)}`,
  );
  throw result.errorInstance ?? new Error('too many cases were left out');
}
