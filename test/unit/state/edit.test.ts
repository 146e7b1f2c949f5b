import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  dropCertificate,
  dropCluster,
  dropObject,
  emptyState,
  recordObject,
  setCertificate,
  setClusterUid,
  setPhase,
} from '../../../src/state/edit.js';

const empty = Object.freeze(emptyState('mesh1', 'lineage'));
const object = { uid: 'u', phase: 'applying', action: 'x' } as const;
const certificate = { fingerprint: 'f', notAfter: 't' };

test('each edit answers a new state and leaves the old as it was', () => {
  const before = JSON.stringify(empty);
  assert.equal(recordObject(empty, 'a', object).objects, { a: object });
  assert.equal(setClusterUid(empty, 'c', 'u').clusters, { c: { uid: 'u' } });
  assert.equal(setCertificate(empty, 'root', certificate).certificates, { root: certificate });
  assert.is(JSON.stringify(empty), before);
});

test('the phase of a known object changes, an unknown one is not invented', () => {
  const state = recordObject(empty, 'a', object);
  assert.equal(setPhase(state, 'a', 'deleting').objects, { a: { ...object, phase: 'deleting' } });
  assert.is(setPhase(state, 'b', 'deleting'), state);
});

test('what is dropped is gone, the rest stays', () => {
  const two = recordObject(recordObject(empty, 'a', object), 'b', object);
  assert.equal(Object.keys(dropObject(two, 'a').objects), ['b']);
  assert.equal(dropCluster(setClusterUid(empty, 'c', 'u'), 'c'), empty);
  assert.equal(dropCertificate(setCertificate(empty, 'root', certificate), 'root'), empty);
});

test.run();
