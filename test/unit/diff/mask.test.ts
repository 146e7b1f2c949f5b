import type { Operation } from 'fast-json-patch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSensitive, MASK, maskObject, maskPatch } from '../../../src/diff/mask.js';
import { patchBetween } from '../../../src/diff/patch.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { Unknown } from '../../../src/model/unknown.js';
import { objectOf } from './support.js';

/** Stands wherever a value must not be told. */
const CANARY = 'canary-5e1f';

const secret = (fields: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject =>
  objectOf(fields, metadata, 'Secret');

const COPY = 'kubectl.kubernetes.io/last-applied-configuration';
const copied = { [COPY]: JSON.stringify({ data: { a: CANARY } }) };

const test = suite('masks');

const kinds: [apiVersion: string, kind: string, sensitive: boolean][] = [
  ['v1', 'Secret', true],
  ['v1', 'ConfigMap', false],
  ['example.com/v1', 'Secret', false],
];
for (const [apiVersion, kind, sensitive] of kinds) {
  test(`${apiVersion} ${kind} is ${sensitive ? '' : 'not '}sensitive`, () => {
    assert.is(isSensitive({ apiVersion, kind }), sensitive);
  });
}

const creates: [title: string, object: KubeObject][] = [
  ['data', secret({ data: { a: CANARY, b: CANARY } })],
  ['stringData', secret({ stringData: { a: CANARY } })],
  ["kubectl's copy in an annotation", secret({ data: { a: CANARY } }, { annotations: copied })],
];
for (const [title, object] of creates) {
  test(`a new Secret tells nothing of ${title}`, () => {
    const text = JSON.stringify(maskPatch([{ op: 'add', path: '', value: maskObject(object) }]));
    assert.not.match(text, CANARY);
    assert.match(text, MASK);
  });

  test(`masking ${title} leaves the object itself alone`, () => {
    const before = JSON.stringify(object);
    maskObject(object);
    assert.is(JSON.stringify(object), before);
  });
}

const updates: [title: string, live: KubeObject, planned: KubeObject, paths: string[]][] = [
  ['a changed value', secret({ data: { a: 'old' } }), secret({ data: { a: CANARY } }), ['replace /data/a']],
  ['a new value', secret({ data: {} }), secret({ data: { a: CANARY } }), ['add /data/a']],
  ['the first values', secret({}), secret({ data: { a: CANARY } }), ['add /data']],
  ['new stringData', secret({}), secret({ stringData: { a: CANARY } }), ['add /stringData']],
  ['a value that goes', secret({ data: { a: CANARY } }), secret({ data: {} }), ['remove /data/a']],
  ['data of another shape', secret({ data: null }), secret({ data: { a: CANARY } }), ['replace /data']],
  [
    'the copy, with other annotations',
    secret({}),
    secret({}, { annotations: copied }),
    ['add /metadata/annotations'],
  ],
  [
    'the copy beside others',
    secret({}, { annotations: {} }),
    secret({}, { annotations: copied }),
    [`add /metadata/annotations/${COPY.replaceAll('/', '~1')}`],
  ],
  [
    'a changed copy',
    secret({}, { annotations: { [COPY]: '{}' } }),
    secret({}, { annotations: copied }),
    [`replace /metadata/annotations/${COPY.replaceAll('/', '~1')}`],
  ],
];
for (const [title, live, planned, paths] of updates) {
  test(`an update tells the place, not the value: ${title}`, () => {
    const masked = maskPatch(patchBetween(live, planned));
    assert.equal(
      masked.map(({ op, path }) => `${op} ${path}`),
      paths,
    );
    assert.not.match(JSON.stringify(masked), CANARY);
  });
}

test('names of keys stay, so that a reader sees what changes', () => {
  const masked = maskObject(
    secret({ data: { 'tls.crt': CANARY, 'tls.key': CANARY }, type: 'kubernetes.io/tls' }),
  );
  assert.equal(masked.data, { 'tls.crt': MASK, 'tls.key': MASK });
  assert.is(masked.type, 'kubernetes.io/tls');
});

test('an unknown stays, for it tells nothing but its origin', () => {
  const unknown = new Unknown('one/trust', 'new intermediate of one');
  assert.equal(maskObject(secret({ data: { a: unknown } })).data, { a: unknown });
  const operations: Operation[] = [{ op: 'add', path: '/data/a', value: unknown }];
  assert.equal(maskPatch(operations), operations);
});

test('labels, the type and annotations of others are shown', () => {
  const masked = maskPatch([
    { op: 'replace', path: '/metadata/labels/team', value: 'b' },
    { op: 'replace', path: '/type', value: 'Opaque' },
    { op: 'add', path: '/metadata/annotations/note', value: 'seen' },
  ]);
  assert.equal(
    masked.map((item) => ('value' in item ? item.value : undefined)),
    ['b', 'Opaque', 'seen'],
  );
});

test('a ConfigMap is shown as it is', () => {
  const object = objectOf({ data: { a: 'shown' } }, {}, 'ConfigMap');
  assert.is(maskObject(object), object);
});

test.run();
