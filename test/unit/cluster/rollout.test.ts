import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Progress, progressOf } from '../../../src/cluster/rollout/progress.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { ROLLOUT_VERSIONS, type RolloutKind } from '../../../src/model/rollout.js';

const test = suite('how far a rollout is');

function live(kind: RolloutKind, spec: object, status: object): KubeObject {
  const metadata = { name: 'web', namespace: 'shop', generation: 2 };
  return {
    apiVersion: ROLLOUT_VERSIONS[kind],
    kind,
    metadata,
    spec,
    status: { observedGeneration: 2, ...status },
  };
}

const textOf = (progress: Progress): string =>
  progress.type === 'done'
    ? ['done', progress.note].filter(Boolean).join(': ')
    : `${progress.type}: ${progress.what}`;

const onDelete = { replicas: 2, updateStrategy: { type: 'OnDelete' } };
const partition = { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } };
const late = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "web-1" has timed out progressing.',
};
const revisions = (currentRevision: string, updateRevision: string) => ({ currentRevision, updateRevision });

const cases: [kind: RolloutKind, spec: object, status: object, said: string][] = [
  ['Deployment', { replicas: 2 }, { observedGeneration: 1 }, 'waiting: the controller has not seen it yet'],
  ['Deployment', { replicas: 2 }, {}, 'waiting: 0 of 2 available'],
  ['Deployment', {}, { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, 'done'],
  ['Deployment', { replicas: 0 }, {}, 'done'],
  [
    'Deployment',
    { replicas: 0 },
    { replicas: 1 },
    'waiting: 0 of 0 available, 1 of the earlier template still there',
  ],
  [
    'Deployment',
    { replicas: 3 },
    { replicas: 4, updatedReplicas: 1, availableReplicas: 3 },
    'waiting: 3 of 3 available, 1 updated',
  ],
  [
    'Deployment',
    { replicas: 3 },
    { replicas: 4, updatedReplicas: 3, availableReplicas: 3 },
    'waiting: 3 of 3 available, 1 of the earlier template still there',
  ],
  [
    'Deployment',
    { replicas: 2, paused: true },
    {},
    'done: Deployment shop/web is paused, so its pods are not waited for',
  ],
  [
    'Deployment',
    { replicas: 2, paused: true },
    { replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
    'done',
  ],
  [
    'Deployment',
    { replicas: 2 },
    { conditions: [late] },
    'failed: 0 of 2 available, and its progress deadline has passed',
  ],
  [
    'Deployment',
    { replicas: 1 },
    { replicas: 1, updatedReplicas: 1, availableReplicas: 1, conditions: [late] },
    'done',
  ],
  [
    'StatefulSet',
    { replicas: 2 },
    { availableReplicas: 1, ...revisions('a', 'a') },
    'waiting: 1 of 2 available',
  ],
  [
    'StatefulSet',
    { replicas: 2 },
    { availableReplicas: 2, updatedReplicas: 1, ...revisions('a', 'b') },
    'waiting: 2 of 2 available, 1 updated',
  ],
  [
    'StatefulSet',
    { replicas: 2 },
    { availableReplicas: 2, updatedReplicas: 2, ...revisions('b', 'b') },
    'done',
  ],
  ['StatefulSet', { replicas: 0 }, revisions('a', 'a'), 'done'],
  ['StatefulSet', onDelete, { availableReplicas: 1, ...revisions('a', 'a') }, 'waiting: 1 of 2 available'],
  ['StatefulSet', onDelete, { availableReplicas: 2, ...revisions('a', 'a') }, 'done'],
  [
    'StatefulSet',
    onDelete,
    { availableReplicas: 2, updatedReplicas: 1, ...revisions('a', 'b') },
    'done: StatefulSet shop/web has 1 pod of its earlier template, which is replaced only when somebody deletes it (OnDelete)',
  ],
  [
    'StatefulSet',
    partition,
    { availableReplicas: 3, updatedReplicas: 0, ...revisions('a', 'b') },
    'waiting: 3 of 3 available, 0 updated',
  ],
  [
    'StatefulSet',
    partition,
    { availableReplicas: 3, updatedReplicas: 1, ...revisions('a', 'b') },
    'done: StatefulSet shop/web keeps its pods below 2 as they are (partition)',
  ],
  [
    'DaemonSet',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
    'waiting: 1 of 2 available',
  ],
  [
    'DaemonSet',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
    'waiting: 2 of 2 available, 1 updated',
  ],
  ['DaemonSet', {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }, 'done'],
  ['DaemonSet', {}, {}, 'done: DaemonSet shop/web has no pods, for no node fits it'],
  [
    'DaemonSet',
    onDelete,
    { desiredNumberScheduled: 2, numberAvailable: 2 },
    'done: DaemonSet shop/web has 2 pods of its earlier template, which are replaced only when somebody deletes them (OnDelete)',
  ],
  ['Job', { completions: 3 }, { succeeded: 1, failed: 2 }, 'waiting: 1 of 3 completed, 2 failed'],
  ['Job', {}, {}, 'waiting: 0 of 1 completed'],
  ['Job', {}, { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }, 'done'],
  [
    'Job',
    { suspend: true },
    { conditions: [{ type: 'Suspended', status: 'True' }] },
    'done: Job shop/web is suspended, so it is not waited for',
  ],
  [
    'Job',
    {},
    {
      conditions: [
        {
          type: 'Failed',
          status: 'True',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        },
      ],
    },
    'failed: failed for good (BackoffLimitExceeded: Job has reached the specified backoff limit)',
  ],
  ['Pod', {}, { phase: 'Pending' }, 'waiting: it is not ready'],
  ['Pod', {}, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, 'done'],
  ['Pod', {}, { phase: 'Succeeded' }, 'done'],
  [
    'Pod',
    {},
    { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
    'failed: failed for good (Evicted: low on memory)',
  ],
];
for (const [kind, spec, status, said] of cases) {
  test(`${kind} ${JSON.stringify(spec)} ${JSON.stringify(status).slice(0, 90)}`, () => {
    assert.is(textOf(progressOf(live(kind, spec, status))), said);
  });
}

test('a kind of another group is none of these', () => {
  assert.equal(progressOf({ ...live('Job', {}, {}), apiVersion: 'batch.example/v1' }), { type: 'done' });
});

test.run();
