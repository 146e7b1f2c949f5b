import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { brief, enterFixtures, load } from './support.js';

enterFixtures('overlays');

test('a merge patch merges named things, replaces lists and deletes with null', async () => {
  const { loaded } = await load('mesh.yaml', { overlays: ['merge.yaml'] });
  const mesh = loaded?.mesh;
  assert.is(mesh?.istio.version, '1.32');
  assert.equal(
    mesh?.clusters.map(({ name, context, labels }) => ({ name, context, labels })),
    [
      { name: 'hub', context: 'hub', labels: { site: 'a' } },
      { name: 'edge', context: 'edge', labels: {} },
      { name: 'far', context: 'far', labels: {} },
    ],
  );
  assert.equal(mesh?.clusters[0]?.controlPlane.exposure.allowFrom, ['192.168.0.0/16']);
  assert.is(mesh?.clusters[0]?.controlPlane.replicas, 3);
});

test('an RFC 6902 patch adds, copies, moves and removes', async () => {
  const { loaded } = await load('mesh.yaml', { overlays: ['patch.yaml'] });
  const mesh = loaded?.mesh;
  assert.is(mesh?.istio.version, '1.33');
  assert.equal(
    mesh?.clusters.map(({ name, context }) => `${name} ${context}`),
    ['hub hub', 'edge edge', 'near near', 'far far'],
  );
  assert.equal(
    mesh?.namespaces.map(({ name }) => name),
    ['store', 'other'],
  );
});

test('overlays are laid one over the other and listed', async () => {
  const overlays = ['merge.yaml', 'patch-version.yaml'];
  const { loaded } = await load('mesh.yaml', { overlays });
  assert.is(loaded?.mesh.istio.version, '1.34');
  assert.equal(loaded?.mesh.overlays, overlays);
});

test('what an overlay brings keeps its place there', async () => {
  const { loaded } = await load('mesh.yaml', { overlays: ['merge.yaml'] });
  assert.equal(loaded?.locate('/spec/istio/version'), { file: 'merge.yaml', line: 2, column: 21 });
  assert.equal(loaded?.locate('/spec/clusters/2/name'), { file: 'merge.yaml', line: 5, column: 15 });
  assert.equal(loaded?.locate('/spec/clusters/1/name'), { file: 'mesh.yaml', line: 8, column: 15 });
  const patched = await load('mesh.yaml', { overlays: ['patch.yaml'] });
  assert.equal(patched.loaded?.locate('/spec/istio/version'), { file: 'patch.yaml', line: 2, column: 52 });
  assert.equal(patched.loaded?.locate('/spec/clusters/1/name'), { file: 'mesh.yaml', line: 8, column: 15 });
});

test('mistakes in a merge patch are shown in it', async () => {
  const { found } = await load('mesh.yaml', { overlays: ['merge-mistakes.yaml'] });
  assert.equal(found.map(brief), [
    'merge-mistakes.yaml:4:13 bad-value',
    'merge-mistakes.yaml:5:7 missing-key',
    'merge-mistakes.yaml:6:19 unknown-key',
    'warning merge-mistakes.yaml:6:31 overlay-no-effect',
    'merge-mistakes.yaml:9:18 unknown-cluster',
  ]);
});

test('operations that fail, or name a path that is not there, are shown at their line', async () => {
  const { found } = await load('mesh.yaml', { overlays: ['patch-mistakes.yaml'] });
  assert.equal(found.map(brief), [
    'patch-mistakes.yaml:1:24 overlay-failed',
    'patch-mistakes.yaml:2:23 overlay-failed',
    'patch-mistakes.yaml:3:3 overlay-failed',
    'patch-mistakes.yaml:4:3 overlay-failed',
    'patch-mistakes.yaml:5:3 overlay-failed',
    'patch-mistakes.yaml:6:24 overlay-failed',
    'patch-mistakes.yaml:9:10 bad-value',
    'patch-mistakes.yaml:10:3 overlay-failed',
    'patch-mistakes.yaml:11:3 overlay-failed',
  ]);
});

test('overlays that are missing, empty or no overlay at all', async () => {
  const overlays = ['none.yaml', 'empty.yaml', 'scalar.yaml', 'syntax.yaml'];
  const { found } = await load('mesh.yaml', { overlays });
  assert.equal(found.map(brief), [
    'none.yaml overlay-missing',
    'empty.yaml:1:1 empty-file',
    'scalar.yaml:1:1 overlay-failed',
    'syntax.yaml:2:1 yaml-syntax',
  ]);
});

test.run();
