import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { decides } from '../../../src/observe/autoscaler.js';

const deployment = (replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: 'istio-system' },
  spec: { replicas },
});

const scaler = (kind: string, name: string, owners?: object[]): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'any', ...(owners ? { ownerReferences: owners } : {}) },
  spec: { scaleTargetRef: { kind, name } },
});

const cases: [title: string, scaler: KubeObject, replicas: number, isDecided: boolean][] = [
  ['an autoscaler of the Deployment', scaler('Deployment', 'istiod'), 3, true],
  ['one of another Deployment', scaler('Deployment', 'web'), 3, false],
  ['one of a StatefulSet of that name', scaler('StatefulSet', 'istiod'), 3, false],
  ['an autoscaler that rests, for there are no replicas', scaler('Deployment', 'istiod'), 0, false],
  ['one whose owner scales to none', scaler('Deployment', 'istiod', [{ kind: 'ScaledObject' }]), 0, true],
];
for (const [title, item, replicas, isDecided] of cases) {
  test(`${title}: ${isDecided ? 'decides' : 'does not decide'}`, () => {
    assert.is(decides(item, deployment(replicas)), isDecided);
  });
}

test.run();
