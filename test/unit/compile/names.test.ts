import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressOf, type KubeObject, refOf } from '../../../src/model/kube.js';
import { labelled } from '../../../src/model/names.js';
import { escapePointer, findUnknowns, Unknown } from '../../../src/model/unknown.js';
import { deployment } from './support.js';

const test = suite('addresses, labels, unknowns');

const addresses: [object: KubeObject, address: string][] = [
  [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cacerts', namespace: 'istio-system' } },
    'cluster-2/v1/Secret/istio-system/cacerts',
  ],
  [deployment('istiod', 'istio-system'), 'cluster-2/apps/v1/Deployment/istio-system/istiod'],
  [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } },
    'cluster-2/v1/Namespace/production',
  ],
  [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production', namespace: '' } },
    'cluster-2/v1/Namespace/production',
  ],
];
for (const [object, address] of addresses) {
  test(`${object.kind} ${object.metadata.name} is ${address}`, () => {
    assert.is(addressOf(refOf('cluster-2', object)), address);
  });
}

test('a label is added to the object alone, beside its own, and never changes the input', () => {
  const object: KubeObject = {
    ...deployment('web', 'shop'),
    metadata: { name: 'web', labels: { app: 'web' } },
  };
  const before = JSON.stringify(object);
  const ours = labelled(object, 'mesh1');
  assert.equal(ours.metadata.labels, { app: 'web', 'meshplan.dev/mesh': 'mesh1' });
  assert.is(ours.spec, object.spec);
  assert.is(JSON.stringify(object), before);
});

const tokens: [token: string, escaped: string][] = [
  ['plain', 'plain'],
  ['a/b', 'a~1b'],
  ['a~b', 'a~0b'],
  ['~1', '~01'],
  ['', ''],
];
for (const [token, escaped] of tokens) {
  test(`token "${token}" in a pointer is "${escaped}"`, () => assert.is(escapePointer(token), escaped));
}

test('unknowns are found at any depth, by their pointers', () => {
  const unknown = new Unknown('one/address', 'load balancer of one');
  const found = findUnknowns({ a: [1, { 'b/c': unknown }], d: unknown, e: null, f: { g: {} } });
  assert.equal(
    found.map((item) => item.pointer),
    ['/a/1/b~1c', '/d'],
  );
  assert.equal(findUnknowns({ a: { b: [null, 'x', 1] } }), []);
  assert.equal(findUnknowns(unknown), [{ pointer: '', value: unknown }]);
});

test('an unknown reads the same in text and in JSON', () => {
  const unknown = new Unknown('one/address', 'load balancer of one');
  assert.is(String(unknown), '(known after apply: load balancer of one)');
  assert.is(JSON.stringify({ a: unknown }), '{"a":"(known after apply: load balancer of one)"}');
});

test.run();
