import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearest, nearestHost, suggestion } from '../../../src/match/nearest.js';

const keys = ['name', 'context', 'network', 'role', 'values'];

for (const [word, meant] of [
  ['netwrok', 'network'],
  ['Context', 'context'],
  ['valeus', 'values'],
  ['nam', 'name'],
  ['cont', 'context'],
  ['revision', undefined],
  ['x', undefined],
] as const) {
  test(`${word} means ${meant}`, () => assert.is(nearest(word, keys), meant));
}

test('a short word that is as near to several means none of them', () => {
  assert.is(nearest('v3', ['v1', 'v2']), undefined);
  assert.is(nearest('cluster-3', ['cluster-1', 'cluster-2']), 'cluster-1');
});

test('of hosts, what all of them end with does not count', () => {
  const known = ['api.shop.svc.cluster.local'];
  assert.is(nearestHost('apo.shop.svc.cluster.local', known), known[0]);
  assert.is(nearestHost('audit.bank.svc.cluster.local', known), undefined);
});

test('where nothing is near, all that is known is named', () => {
  assert.is(suggestion('zzz', ['a', 'b']), 'known here: a, b');
  assert.is(suggestion('zzz', []), 'nothing may stand here');
});

test.run();
