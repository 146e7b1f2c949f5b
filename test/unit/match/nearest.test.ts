import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearest, suggestion } from '../../../src/match/nearest.js';

const keys = ['name', 'context', 'network', 'role', 'values'];

for (const [word, meant] of [
  ['netwrok', 'network'],
  ['Context', 'context'],
  ['valeus', 'values'],
  ['nam', 'name'],
  ['revision', undefined],
  ['x', undefined],
] as const) {
  test(`${word} means ${meant}`, () => assert.is(nearest(word, keys), meant));
}

test('where nothing is near, all that is known is named', () => {
  assert.is(suggestion('zzz', ['a', 'b']), 'known here: a, b');
  assert.is(suggestion('zzz', []), 'nothing may stand here');
});

test.run();
