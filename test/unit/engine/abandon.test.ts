import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { abandonFindings, withoutAbandoned } from '../../../src/engine/abandon.js';
import { forgettingOf } from '../../../src/model/abandoned.js';
import type { MeshState } from '../../../src/model/state.js';
import { clusterOf, meshOf } from '../compile/support.js';

const test = suite('clusters that are given up');

const mesh = {
  ...meshOf([clusterOf('one', 'one'), clusterOf('two', 'one'), clusterOf('three', 'one')]),
  namespaces: [
    { name: 'shop', clusters: ['one', 'two'] },
    { name: 'far', clusters: ['two'] },
  ].map((item) => ({ ...item, injection: true, labels: {}, annotations: {}, source: place() })),
  workloads: [
    { manifests: 'a', clusters: ['one'], callableFrom: ['two', 'three'] },
    { manifests: 'b', clusters: ['two'], callableFrom: [] },
    { manifests: 'c', clusters: ['two'], callableFrom: ['one'] },
  ].map((item) => ({ ...item, objects: new Map(), callable: new Map(), source: place() })),
};

function place() {
  return { file: 'mesh.yaml', line: 1, column: 1 };
}

const never = () => false;

test('the mesh is as if mesh.yaml did not name them', () => {
  const left = withoutAbandoned(mesh, ['two'], never);
  assert.equal(
    left.clusters.map(({ name }) => name),
    ['one', 'three'],
  );
  assert.equal(
    left.namespaces.map(({ name, clusters }) => `${name}: ${clusters}`),
    ['shop: one'],
  );
  assert.equal(
    left.workloads.map(
      ({ manifests, clusters, callableFrom }) => `${manifests}: ${clusters} ${callableFrom}`,
    ),
    ['a: one three', 'c:  one'],
  );
});

test('with none given up it is the same', () => assert.is(withoutAbandoned(mesh, [], never), mesh));

const refused: [string, string[], (name: string) => boolean, string][] = [
  ['one that nobody knows', ['four'], never, 'abandon-unknown'],
  ['a primary whose remotes stay', ['one'], never, 'abandon-primary'],
  ['all', ['one', 'two', 'three'], never, 'abandon-primary'],
];
for (const [title, names, isKnown, code] of refused) {
  test(`${title} cannot be given up`, () => {
    let error: { code?: string } = {};
    try {
      withoutAbandoned(mesh, names, isKnown);
    } catch (thrown) {
      error = thrown as { code?: string };
    }
    assert.is(error.code, code);
  });
}

test('one that left mesh.yaml can, as long as the state knows it', () => {
  assert.equal(
    withoutAbandoned(mesh, ['old'], (name) => name === 'old'),
    mesh,
  );
});

const known = new Map([
  ['one/v1/Secret/istio-system/cacerts', 'u1'],
  ['old/v1/Secret/istio-system/cacerts', 'u2'],
  ['old/v1/Namespace/istio-system', 'u3'],
]);
const told = (names: string[], declared: string[] = [], renamed: string[] = []) =>
  abandonFindings(
    mesh,
    known,
    names.map((name) => ({ name, objects: ['old/v1/Namespace/istio-system'] })),
    new Set(declared),
    new Set(renamed),
  ).map(({ severity, code, message, hint }) => ({ severity, code, text: `${message} ${hint}` }));

test('a cluster that left mesh.yaml without a word is an error that counts what it holds', () => {
  const [finding, ...others] = told([]);
  assert.equal(others, []);
  assert.is(finding?.severity, 'error');
  assert.is(finding?.code, 'cluster-left');
  assert.match(finding?.text ?? '', /cluster old .* 2 objects .* --abandon old/);
});

test('one that mesh.yaml calls by another name has not left', () => {
  assert.equal(told([], [], ['old']), []);
});

test('one that is given up is a warning, with what is left to do', () => {
  assert.equal(
    told(['old']).map(({ severity, code }) => `${severity} ${code}`),
    ['warning cluster-abandoned'],
  );
  assert.match(told(['old'], ['old'])[0]?.text ?? '', 'Take old out of mesh.yaml');
});

test('a forgotten cluster takes its objects, its certificate and its identity along, and nothing else', () => {
  const object = (action: string) => ({ uid: 'u', phase: 'applied' as const, action });
  const certificate = { fingerprint: 'f', notAfter: '2027-01-01T00:00:00Z' };
  const state: MeshState = {
    formatVersion: '1',
    lineage: 'l',
    serial: 1,
    mesh: 'm',
    clusters: { one: { uid: 'a' }, old: { uid: 'b' } },
    objects: { 'one/v1/Namespace/x': object('one/x'), 'old/v1/Namespace/x': object('old/x') },
    certificates: { root: certificate, old: certificate },
  };
  assert.equal(forgettingOf('old', state), [
    { type: 'object-gone', action: 'old/x', address: 'old/v1/Namespace/x' },
    { type: 'certificate-gone', name: 'old' },
    { type: 'cluster-gone', cluster: 'old' },
  ]);
  assert.equal(forgettingOf('never', state), []);
});

test.run();
