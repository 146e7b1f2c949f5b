import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { identityFindings, renamedClusters } from '../../../src/engine/identity.js';
import { fullFacts } from '../compile/support.js';
import { mesh } from '../plan/support.js';

const test = suite('where the contexts lead');

/** The findings for two clusters of these UIDs; '' is one that cannot be read. */
function find(
  uids: [string, string],
  before: Record<string, string> = {},
  elsewhere = new Map<string, string>(),
): string[] {
  const facts = fullFacts(mesh);
  mesh.clusters.forEach(({ name }, index) => {
    const known = facts.clusters[name];
    const uid = uids[index];
    facts.clusters[name] =
      uid && known?.reachable ? { ...known, uid } : { reachable: false, server: '', error: 'refused' };
  });
  return identityFindings(mesh.clusters, facts, before, elsewhere).map(
    ({ code, message }) => `${code} ${message}`,
  );
}

test('to clusters that are told apart, or were seen before: no finding', () => {
  assert.equal(find(['u1', 'u2']), []);
  assert.equal(find(['u1', 'u2'], { one: 'u1', two: 'u2' }), []);
  assert.equal(find(['', ''], { one: 'u1' }), []);
});

test('to another cluster than before: cluster-changed', () => {
  const [found, ...more] = find(['u1', 'u3'], { two: 'u2' });
  assert.match(found ?? '', /^cluster-changed context two leads to another cluster than before \(UID u3/);
  assert.equal(more, []);
});

test('to one cluster under two names: cluster-twice', () => {
  const [found, ...more] = find(['u1', 'u1']);
  assert.match(
    found ?? '',
    /^cluster-twice context two leads to the same cluster as one \(UID u1\), which is one/,
  );
  assert.equal(more, []);
});

test('to a cluster of another environment: cluster-of-environment', () => {
  const [found, ...more] = find(['u1', 'u2'], { one: 'u1' }, new Map([['u2', 'staging']]));
  assert.match(found ?? '', /^cluster-of-environment context two leads to a cluster of staging \(UID u2\)/);
  assert.equal(more, []);
});

test('a cluster that the state knows by another name is renamed, and has not left', () => {
  const facts = fullFacts(mesh);
  const { one } = facts.clusters;
  const uid = one?.reachable ? one.uid : '';
  assert.equal([...renamedClusters(facts, { one: uid, old: uid, gone: 'another' })], ['old']);
});

test.run();
