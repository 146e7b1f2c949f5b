import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { binomialBounds, countBy, latencyOf } from '../../../src/traffic/statistics.js';

const test = suite('statistics of a test with traffic');

/** P(low ≤ X ≤ high) by Pascal's triangle, which shares nothing with what is tested. */
function probabilityOf(n: number, share: number, low: number, high: number): number {
  let row = [1];
  for (let i = 0; i < n; i += 1) {
    row = Array.from(
      { length: row.length + 1 },
      (_, k) => (row[k] ?? 0) * (1 - share) + (row[k - 1] ?? 0) * share,
    );
  }
  return row.slice(low, high + 1).reduce((sum, value) => sum + value, 0);
}

for (const [n, share] of [
  [10, 0.5],
  [50, 0.2],
  [200, 0.2],
  [500, 0.8],
  [500, 0.01],
  [7, 0.999],
] as const) {
  test(`the bounds of ${n} trials at ${share} hold 99.9 % and are the closest that do`, () => {
    const { low, high } = binomialBounds(n, share);
    assert.ok(probabilityOf(n, share, low, high) >= 0.999);
    if (low < n) assert.ok(probabilityOf(n, share, 0, low) > 0.0005, 'one more below would be too many');
    if (high > 0) assert.ok(probabilityOf(n, share, high, n) > 0.0005, 'one more above would be too many');
    assert.ok(probabilityOf(n, share, 0, low - 1) <= 0.0005);
    assert.ok(probabilityOf(n, share, high + 1, n) <= 0.0005);
  });
}

test('a share of nothing or everything has no room', () => {
  assert.equal(binomialBounds(20, 0), { low: 0, high: 0 });
  assert.equal(binomialBounds(20, 1), { low: 20, high: 20 });
});

test('less confidence gives closer bounds', () => {
  const wide = binomialBounds(200, 0.2);
  const close = binomialBounds(200, 0.2, 0.95);
  assert.ok(close.low > wide.low && close.high < wide.high);
});

test('the median of an even number lies between the middle two', () => {
  assert.equal(latencyOf([0.004, 0.001, 0.002, 0.1]), { median: 3, max: 100 });
});

test('the median of an odd number is the middle one, in tenths of a millisecond', () => {
  assert.equal(latencyOf([0.00149, 0.00211, 0.9]), { median: 2.1, max: 900 });
});

test('no request has no latency', () => assert.is(latencyOf([]), undefined));

test('values are counted', () => {
  assert.equal(countBy(['v1', 'v2', 'v1']), { v1: 2, v2: 1 });
});

test.run();
