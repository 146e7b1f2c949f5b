import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fencedDrift } from '../../../src/drift/fenced.js';
import type { FencedReading } from '../../../src/observe/fenced.js';
import { clusterOf, meshOf } from '../compile/support.js';

const test = suite('drift of fenced clusters');

const fencedAt = { file: 'mesh.yaml', line: 9, column: 7 };
const mesh = {
  ...meshOf([clusterOf('two', 'two')]),
  fenced: [{ ...clusterOf('one', 'two'), since: '2026-01-01T00:00:00Z', fencedAt }],
};

const istiod = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: 'istio-system' },
  spec: { replicas: 3 },
  status: { readyReplicas: 2 },
};

const told = (reading: Partial<FencedReading>) =>
  fencedDrift({ mesh, fenced: [{ cluster: 'one', held: [], unread: [], ...reading }] });

test('one that is away is nothing to tell', () => assert.equal(fencedDrift({ mesh, fenced: [] }), []));

test('one that is back is told with its istiod, what it holds, and the line that fences it', () => {
  const [entry, ...others] = told({
    istiod,
    held: [
      { remote: 'three', token: 'ended' },
      { remote: 'two', token: 'ended' },
      { remote: 'four', token: 'works' },
    ],
  });
  assert.equal(others, []);
  assert.is(entry?.rule, 'fenced-cluster');
  assert.is(entry?.address, 'one/apps/v1/Deployment/istio-system/istiod');
  assert.equal(entry?.source, fencedAt);
  const text = entry?.message ?? '';
  assert.match(
    text,
    'one, fenced since 2026-01-01T00:00:00Z, is back: a primary still, with 2 of 3 istiod pods ready',
  );
  assert.match(text, 'it holds remote secrets of three, two with a token that works no more');
  assert.match(text, 'it holds the remote secret of four with a token that still works');
  assert.match(text, '`fenced` stands in mesh.yaml:9; take it out');
});

test('one that is back and leads nobody has its namespace for an address', () => {
  const [entry] = told({});
  assert.is(entry?.address, 'one/v1/Namespace/istio-system');
  assert.match(entry?.message ?? '', 'no istiod runs in it; it holds no remote secrets');
});

test.run();
