import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Installed } from '../../../src/facts/installed.js';
import { movesOf } from '../../../src/facts/moves.js';
import type { Facts } from '../../../src/model/facts.js';
import { clusterOf, meshOf, reachable } from '../compile/support.js';

const test = suite('facts: clusters that change their istiod');

const mesh = meshOf([clusterOf('one', 'two'), clusterOf('two', 'two'), clusterOf('three', 'two')]);
const installed = (isServed: boolean, joined: string[] = []): Installed => ({
  remoteSecrets: {},
  isServed,
  joined,
});

/** Clusters whose istio-system names a leader, or none. */
function clustersLed(leaders: Record<string, string | undefined>): Facts['clusters'] {
  const entries = Object.entries(leaders).map(([name, leader]) => {
    const annotations = leader ? { 'topology.istio.io/controlPlaneClusters': leader } : {};
    const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system', annotations } };
    return [name, { ...reachable(name), namespaces: new Map([['istio-system', home]]) }] as const;
  });
  return Object.fromEntries(entries);
}

const led = clustersLed({ one: undefined, two: 'one', three: 'one' });
const all = (two: Installed) =>
  new Map([
    ['one', installed(true)],
    ['two', two],
    ['three', installed(true)],
  ]);

test('after the edit: the old primary comes from itself, the others from it', () => {
  assert.equal(movesOf(mesh, led, all(installed(false))), { one: 'one', two: 'one', three: 'one' });
});

test('half-way: who is joined to the new primary is there, whatever its annotation says', () => {
  const half = clustersLed({ one: 'two', two: undefined, three: 'two' });
  assert.equal(movesOf(mesh, half, all(installed(true, ['three']))), { one: 'two' });
});

test('a new remote without an injector comes from nowhere', () => {
  const found = new Map([...all(installed(true, ['three'])), ['one', installed(false)] as const]);
  assert.equal(movesOf(mesh, led, found), {});
});

test('where the primary cannot be read, nothing is concluded', () => {
  const clusters = { ...led, two: { reachable: false as const, server: '', error: 'gone' } };
  const found = new Map([
    ['one', installed(true)],
    ['three', installed(true)],
  ]);
  assert.equal(movesOf(mesh, clusters, found), {});
});

test('a primary that does not have Istio yet knows no remote', () => {
  const found = new Map([
    ['one', installed(true)],
    ['three', installed(true)],
  ]);
  assert.equal(movesOf(mesh, led, found), { one: 'one', three: 'one' });
});

test.run();
