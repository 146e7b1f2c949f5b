import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { additionsOf } from '../../../src/diff/additions.js';
import type { ManagedFieldsEntry } from '../../../src/model/kube.js';
import { managed, objectOf } from './support.js';

const spec = {
  replicas: 3,
  ports: [
    { port: 80, protocol: 'TCP', name: 'http' },
    { port: 8080, protocol: 'TCP', name: 'debug' },
  ],
  finalizers: ['a', 'b'],
};
const metadata = { labels: { app: 'x', team: 'y' }, annotations: { 'a/b': '1' }, finalizers: ['cloud'] };
const port = (number: number) => `k:{"port":${number},"protocol":"TCP"}`;
const ours = managed('meshplan', {
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:spec': { 'f:replicas': {}, 'f:ports': { [port(80)]: { '.': {}, 'f:port': {}, 'f:name': {} } } },
});

const found = (...others: ManagedFieldsEntry[]) =>
  additionsOf(objectOf({ spec }, { ...metadata, managedFields: [ours, ...others] }), 'meshplan');
const pointers = (fields: Record<string, unknown>, rest: Partial<ManagedFieldsEntry> = {}) =>
  found(managed('kubectl-edit', fields, rest)).flatMap((item) => item.pointers);

const test = suite('what others added');

const table: [title: string, fields: Record<string, unknown>, pointers: string[]][] = [
  ['a field of its own', { 'f:metadata': { 'f:labels': { 'f:team': {} } } }, ['/metadata/labels/team']],
  ['a field that is ours too', { 'f:metadata': { 'f:labels': { 'f:app': {} } } }, []],
  [
    'a map of its own: each member',
    { 'f:metadata': { 'f:annotations': { '.': {}, 'f:a/b': {} } } },
    ['/metadata/annotations/a~1b'],
  ],
  [
    'an item of a list: as a whole',
    { 'f:spec': { 'f:ports': { [port(8080)]: { '.': {}, 'f:port': {}, 'f:name': {} } } } },
    ['/spec/ports/1'],
  ],
  [
    'a field in an item of ours',
    { 'f:spec': { 'f:ports': { [port(80)]: { 'f:protocol': {}, 'f:name': {} } } } },
    ['/spec/ports/0/protocol'],
  ],
  ['a member of a set', { 'f:spec': { 'f:finalizers': { 'v:"b"': {} } } }, ['/spec/finalizers/1']],
  ['what has gone since', { 'f:spec': { 'f:paused': {}, 'f:ports': { [port(1)]: { '.': {} } } } }, []],
  ['finalizers, which clouds set', { 'f:metadata': { 'f:finalizers': { 'v:"cloud"': {} } } }, []],
];
for (const [title, fields, expected] of table) {
  test(title, () => assert.equal(pointers(fields), expected));
}

test('status is nobody’s; other subresources are', () => {
  const fields = { 'f:metadata': { 'f:labels': { 'f:team': {} } } };
  assert.equal(pointers(fields, { subresource: 'status' }), []);
  assert.equal(pointers(fields, { subresource: 'scale' }), ['/metadata/labels/team']);
});

test('controllers are no others; each of the rest has its entry with its time', () => {
  const fields = { 'f:metadata': { 'f:labels': { 'f:team': {} } } };
  const by = ['kube-controller-manager', 'pilot-discovery', 'kube-scheduler', 'helm', 'kubectl-label'];
  const time = '2026-01-01T00:00:00Z';
  assert.equal(
    found(...by.map((manager) => managed(manager, fields, { time }))).map(({ owner }) => owner),
    [
      { manager: 'helm', time },
      { manager: 'kubectl-label', time },
    ],
  );
});

test.run();
