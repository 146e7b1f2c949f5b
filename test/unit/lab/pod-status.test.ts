import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { IstiodPod } from '../../../src/lab/agent/istiod-launch.js';
import { readinessPatch } from '../../../src/lab/agent/pod-status.js';

const now = new Date('2026-01-01T10:00:00.123Z');
const pod = (status: IstiodPod['status']): IstiodPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'istiod-1' },
  spec: { containers: [] },
  ...(status ? { status } : {}),
});
const running = (status: 'True' | 'False', restartCount = 0) =>
  pod({
    phase: 'Running',
    conditions: [{ type: 'Ready', status }],
    containerStatuses: [{ name: 'discovery', ready: status === 'True', restartCount, image: 'pilot' }],
  });

test('a running pod is made Ready with its containers', () => {
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: '2026-01-01T10:00:00Z' });
  assert.equal(readinessPatch(running('False'), true, 0, now), {
    status: {
      conditions: [condition('Ready'), condition('ContainersReady')],
      containerStatuses: [{ name: 'discovery', ready: true, started: true, restartCount: 0, image: 'pilot' }],
    },
  });
});

test('a pod that says so already, or is not started yet, is left alone', () => {
  assert.is(readinessPatch(running('True'), true, 0, now), undefined);
  assert.is(readinessPatch(pod({ phase: 'Pending' }), true, 0, now), undefined);
  assert.is(readinessPatch(pod(undefined), false, 0, now), undefined);
});

test('a restart shows even when readiness is the same again', () => {
  assert.ok(readinessPatch(running('True', 0), true, 1, now));
});

test.run();
