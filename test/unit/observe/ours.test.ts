import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { isOurs } from '../../../src/observe/ours.js';
import { declaredObject } from '../../../src/observe/predict.js';

const ADDRESS = 'one/v1/Service/shop/web';

function service(metadata: Partial<KubeObject['metadata']>): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', ...metadata } };
}

const labelOf = (mesh: string) => ({ labels: { 'meshplan.dev/mesh': mesh } });
const appliedBy = (manager: string, operation = 'Apply') => ({ managedFields: [{ manager, operation }] });

const test = suite('what is ours');

const table: [
  title: string,
  metadata: Partial<KubeObject['metadata']>,
  known: string | undefined,
  ours: boolean,
][] = [
  ['the state knows its UID', { uid: 'u1' }, 'u1', true],
  ['somebody made it anew, so the UID is another', { uid: 'u2' }, 'u1', false],
  [
    'made anew, but with our label and by us',
    { uid: 'u2', ...labelOf('mesh1'), ...appliedBy('meshplan') },
    'u1',
    true,
  ],
  [
    'the state is lost: label and manager tell',
    { uid: 'u1', ...labelOf('mesh1'), ...appliedBy('meshplan') },
    undefined,
    true,
  ],
  [
    'a controller copied the label',
    { uid: 'u1', ...labelOf('mesh1'), ...appliedBy('endpointslice') },
    undefined,
    false,
  ],
  [
    'an update in our name is no apply',
    { uid: 'u1', ...labelOf('mesh1'), ...appliedBy('meshplan', 'Update') },
    undefined,
    false,
  ],
  ['applied by us without our label: shared', { uid: 'u1', ...appliedBy('meshplan') }, undefined, false],
  ['another mesh', { uid: 'u1', ...labelOf('mesh2'), ...appliedBy('meshplan') }, undefined, false],
  ['no UID at all', {}, undefined, false],
];
for (const [title, metadata, known, ours] of table) {
  test(`${title}: ${ours ? 'ours' : 'not ours'}`, () => {
    assert.is(isOurs(service(metadata), ADDRESS, 'mesh1', new Map(known ? [[ADDRESS, known]] : [])), ours);
  });
}

test('a UID counts only at its own address', () => {
  assert.is(
    isOurs(service({ uid: 'u1' }), ADDRESS, 'mesh1', new Map([['two/v1/Service/shop/web', 'u1']])),
    false,
  );
});

test('what was there before meshplan gets no label of ours, and keeps the declared ones', () => {
  const desired = service({ labels: { 'meshplan.dev/mesh': 'mesh1', 'istio-injection': 'enabled' } });
  assert.equal(declaredObject(desired, { live: service({}), ours: false }).metadata.labels, {
    'istio-injection': 'enabled',
  });
  assert.equal(declaredObject(desired, { live: service({}), ours: true }), desired);
});

test.run();
