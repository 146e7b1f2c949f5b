import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foreignOwner, isAppliedBy } from '../../../src/diff/ownership.js';
import type { ManagedFieldsEntry } from '../../../src/model/kube.js';
import { managed, objectOf } from './support.js';

const spec = {
  replicas: 3,
  finalizers: ['a', 'b/c'],
  containers: [
    {
      name: 'app',
      image: 'app:1',
      ports: [{ containerPort: 80, protocol: 'TCP' }],
      env: [{ name: 'A', value: '1' }],
    },
    { name: 'proxy', image: 'proxy:1', ports: [{ containerPort: 80, protocol: 'UDP' }] },
  ],
};

const live = (...managedFields: ManagedFieldsEntry[]) =>
  objectOf({ spec }, { managedFields, labels: { 'app.kubernetes.io/name': 'x' } });

const owner = (pointer: string, ...entries: ManagedFieldsEntry[]) =>
  foreignOwner(live(...entries), pointer, 'meshplan')?.manager;

const inSpec = (fields: Record<string, unknown>) => ({ 'f:spec': fields });
const container = (name: string, fields: Record<string, unknown>) =>
  inSpec({ 'f:containers': { [`k:{"name":"${name}"}`]: fields } });
const port = (protocol: string) => ({
  'f:ports': { [`k:{"containerPort":80,"protocol":"${protocol}"}`]: { '.': {}, 'f:containerPort': {} } },
});

const test = suite('field owners');

const table: [title: string, pointer: string, fields: Record<string, unknown>, owns: boolean][] = [
  ['a field of its own', '/spec/replicas', inSpec({ 'f:replicas': {} }), true],
  ['a field beside its own', '/spec/replicas', inSpec({ 'f:paused': {} }), false],
  ['another branch', '/spec/replicas', { 'f:metadata': { 'f:labels': { 'f:replicas': {} } } }, false],
  [
    'a name with a slash',
    '/metadata/labels/app.kubernetes.io~1name',
    { 'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {} } } },
    true,
  ],
  [
    'a map whose other members it owns',
    '/metadata/labels/other',
    { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } },
    false,
  ],
  ['an item by its key', '/spec/containers/0/image', container('app', { '.': {}, 'f:image': {} }), true],
  [
    'the same field of another item',
    '/spec/containers/0/image',
    container('proxy', { '.': {}, 'f:image': {} }),
    false,
  ],
  [
    'another field of the item',
    '/spec/containers/0/image',
    container('app', { '.': {}, 'f:args': {} }),
    false,
  ],
  ['a whole item', '/spec/containers/1', container('proxy', { '.': {}, 'f:image': {} }), true],
  [
    'an item in an item, by two keys',
    '/spec/containers/0/ports/0/containerPort',
    container('app', port('TCP')),
    true,
  ],
  [
    'an item with one key that differs',
    '/spec/containers/0/ports/0/containerPort',
    container('app', port('UDP')),
    false,
  ],
  [
    'a nested item by name',
    '/spec/containers/0/env/0/value',
    container('app', { 'f:env': { 'k:{"name":"A"}': { 'f:value': {} } } }),
    true,
  ],
  ['a value of a set', '/spec/finalizers/1', inSpec({ 'f:finalizers': { 'v:"b/c"': {} } }), true],
  ['another value of the set', '/spec/finalizers/0', inSpec({ 'f:finalizers': { 'v:"b/c"': {} } }), false],
  ['inside a list that it owns as a whole', '/spec/containers/1/image', inSpec({ 'f:containers': {} }), true],
  [
    'an item added to a list that it owns as a whole',
    '/spec/containers/-',
    inSpec({ 'f:containers': {} }),
    true,
  ],
  ['an item added beside its own', '/spec/containers/-', container('app', { '.': {} }), false],
  ['a field that is no longer there', '/spec/paused', inSpec({ 'f:replicas': {} }), false],
];
for (const [title, pointer, fields, owns] of table) {
  test(`${title}: ${owns ? 'owned' : 'not owned'}`, () => {
    assert.is(owner(pointer, managed('kubectl', fields)), owns ? 'kubectl' : undefined);
  });
}

test('our own entry is not foreign, whatever the operation', () => {
  const fields = inSpec({ 'f:replicas': {} });
  assert.is(owner('/spec/replicas', managed('meshplan', fields)), undefined);
  assert.is(owner('/spec/replicas', managed('meshplan', fields), managed('helm', fields)), 'helm');
});

test('of several owners the latest is named, with its time', () => {
  const fields = inSpec({ 'f:replicas': {} });
  const object = live(
    managed('early', fields, { time: '2026-01-01T10:00:00Z' }),
    managed('late', fields, { time: '2026-03-01T10:00:00Z' }),
    managed('latest-of-all', inSpec({ 'f:paused': {} }), { time: '2026-05-01T10:00:00Z' }),
    managed('between', fields, { time: '2026-02-01T10:00:00Z' }),
    managed('timeless', fields),
  );
  assert.equal(foreignOwner(object, '/spec/replicas', 'meshplan'), {
    manager: 'late',
    time: '2026-03-01T10:00:00Z',
  });
});

test('an object without managedFields has no owners', () => {
  assert.is(foreignOwner(objectOf({ spec }), '/spec/replicas', 'meshplan'), undefined);
  assert.is(isAppliedBy(objectOf({ spec }), 'meshplan'), false);
});

const applied: [entry: ManagedFieldsEntry, is: boolean][] = [
  [managed('meshplan', {}), true],
  [managed('meshplan', {}, { operation: 'Update' }), false],
  [managed('helm', {}), false],
];
for (const [entry, is] of applied) {
  test(`${entry.operation} by ${entry.manager}: ${is ? '' : 'not '}applied by meshplan`, () => {
    assert.is(isAppliedBy(live(entry), 'meshplan'), is);
  });
}

test.run();
