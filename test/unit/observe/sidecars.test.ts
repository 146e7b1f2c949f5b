import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasSidecar, isInjectable } from '../../../src/model/injection.js';
import type { KubeObject, ManagedFieldsEntry } from '../../../src/model/kube.js';
import { RESTARTED_ANNOTATION } from '../../../src/model/names.js';
import { barePodsOf, obstacleOf } from '../../../src/observe/sidecars.js';

const test = suite('pods without a sidecar');

const INJECT = 'sidecar.istio.io/inject';
const pods: [title: string, pod: Parameters<typeof isInjectable>[0], injected: boolean][] = [
  ['that say nothing', {}, true],
  ['with the label "true"', { metadata: { labels: { [INJECT]: 'true' } } }, true],
  ['with the label "false"', { metadata: { labels: { [INJECT]: 'false' } } }, false],
  ['with the annotation "false"', { metadata: { annotations: { [INJECT]: 'false' } } }, false],
  [
    'whose label says otherwise than the annotation',
    { metadata: { labels: { [INJECT]: 'true' }, annotations: { [INJECT]: 'false' } } },
    true,
  ],
  ['with the label "off"', { metadata: { labels: { [INJECT]: 'off' } } }, false],
  ["of the host's network", { spec: { hostNetwork: true } }, false],
];
for (const [title, pod, injected] of pods) {
  test(`pods ${title} are ${injected ? '' : 'not '}injected`, () => {
    assert.is(isInjectable(pod), injected);
  });
}

const TIME = '2026-11-25T08:00:00Z';
const LATER = '2026-11-25T09:00:00Z';

function workload(
  kind: string,
  fields: { annotations?: object; spec?: object; by?: string; at?: string } = {},
) {
  const { annotations = {}, spec = {}, by, at = TIME } = fields;
  const metadata: KubeObject['metadata'] = { name: 'web', namespace: 'shop', uid: 'uid-web' };
  if (by) metadata.managedFields = [restartBy(by, at)];
  const template = { metadata: { labels: { app: 'web' }, annotations }, spec: { containers: [] } };
  return { apiVersion: 'apps/v1', kind, metadata, spec: { ...spec, template } };
}

const restartBy = (manager: string, time: string): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  time,
  fieldsV1: {
    'f:spec': {
      'f:template': { 'f:metadata': { 'f:annotations': { [`f:${RESTARTED_ANNOTATION}`]: {} } } },
    },
  },
});

interface PodFields {
  owner?: object;
  containers?: string[];
  inits?: string[];
  annotations?: Record<string, string>;
  metadata?: object;
  phase?: string;
}

function podOf(fields: PodFields = {}): KubeObject {
  const { containers = ['web'], inits = [], annotations = {}, phase = 'Running' } = fields;
  const { owner = { kind: 'ReplicaSet', name: 'web-5f', uid: 'uid-set' } } = fields;
  const named = (names: string[]) => names.map((name) => ({ name }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-5f-x',
      labels: { 'pod-template-hash': '5f' },
      annotations,
      ownerReferences: [owner],
      ...fields.metadata,
    },
    spec: { containers: named(containers), initContainers: named(inits) },
    status: { phase },
  };
}

const at = { [RESTARTED_ANNOTATION]: TIME };
const cases: [title: string, workload: KubeObject, pod: KubeObject, bare: boolean][] = [
  ['a pod of a Deployment', workload('Deployment'), podOf(), true],
  ['a pod with the proxy', workload('Deployment'), podOf({ containers: ['web', 'istio-proxy'] }), false],
  ['a pod with a native sidecar', workload('Deployment'), podOf({ inits: ['istio-proxy'] }), false],
  [
    'a pod of another Deployment whose name begins the same',
    workload('Deployment'),
    podOf({ owner: { kind: 'ReplicaSet', name: 'web-shop-5f', uid: 'x' } }),
    false,
  ],
  [
    'a pod of a StatefulSet',
    workload('StatefulSet'),
    podOf({ owner: { kind: 'StatefulSet', name: 'web', uid: 'uid-web' } }),
    true,
  ],
  [
    'a pod of a DaemonSet that was there before',
    workload('DaemonSet'),
    podOf({ owner: { kind: 'DaemonSet', name: 'web', uid: 'uid-old' } }),
    false,
  ],
  ['a pod that ends', workload('Deployment'), podOf({ metadata: { deletionTimestamp: TIME } }), false],
  ['a pod that has ended', workload('Deployment'), podOf({ phase: 'Failed' }), false],
  ['a pod of before a restart that goes on', workload('Deployment', { annotations: at }), podOf(), false],
  ['a pod of after a restart', workload('Deployment', { annotations: at }), podOf({ annotations: at }), true],
];
for (const [title, object, pod, isBare] of cases) {
  test(`${title} counts ${isBare ? 'as one' : 'not'}`, () => {
    assert.is(barePodsOf(object, [pod]).length, isBare ? 1 : 0);
  });
}

const namespace = (label: string, time: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: 'shop',
    labels: { [label]: 'x' },
    managedFields: [
      {
        manager: 'meshplan',
        operation: 'Apply',
        time,
        fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${label}`]: {} } } },
      },
    ],
  },
});
const injected = namespace('istio-injection', TIME);
const restarted = workload('Deployment', { annotations: at, by: 'meshplan', at: LATER });

const obstacles: [
  title: string,
  object: KubeObject,
  namespace: KubeObject | undefined,
  why: RegExp | undefined,
][] = [
  ['a Deployment', workload('Deployment'), injected, undefined],
  ['one that is paused', workload('Deployment', { spec: { paused: true } }), injected, /paused/],
  [
    'OnDelete',
    workload('DaemonSet', { spec: { updateStrategy: { type: 'OnDelete' } } }),
    injected,
    /OnDelete/,
  ],
  ['one that meshplan restarted since', restarted, injected, /in vain/],
  [
    'one that meshplan restarted before injection',
    restarted,
    namespace('istio.io/rev', '2026-11-25T10:00:00Z'),
    undefined,
  ],
  [
    'one that meshplan restarted, in a namespace that is still to get its label',
    restarted,
    undefined,
    undefined,
  ],
  [
    'one that somebody else restarted',
    workload('Deployment', { annotations: at, by: 'kubectl-rollout', at: LATER }),
    injected,
    undefined,
  ],
];
for (const [title, live, home, why] of obstacles) {
  test(`${title}: ${why ? 'a restart would not help' : 'a restart helps'}`, () => {
    const obstacle = obstacleOf(workload(live.kind), live, home);
    if (why) assert.match(obstacle?.why ?? '', why);
    else assert.is(obstacle, undefined);
  });
}

test('a time of restart in the manifest is nobody else’s to change', () => {
  const declared = workload('Deployment', { annotations: at });
  assert.match(obstacleOf(declared, declared, injected)?.why ?? '', RESTARTED_ANNOTATION);
});

test('a sidecar is known by its container', () => {
  assert.ok(hasSidecar(podOf({ containers: ['istio-proxy'] })));
  assert.not.ok(hasSidecar(podOf({ inits: ['istio-init'] })));
});

test.run();
