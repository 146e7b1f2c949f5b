import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import type { Observation } from '../../../src/observe/observe.js';
import { unfinishedRollouts } from '../../../src/observe/unfinished.js';

const test = suite('rollouts that an earlier run did not see complete');

const ADDRESS = 'one/apps/v1/Deployment/shop/web';
const deployment = (availableReplicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 2 },
  status: { replicas: 2, updatedReplicas: 2, availableReplicas },
});
const present = (live: KubeObject): Observation => ({ type: 'present', live, predicted: live, ours: true });
const told = (begun: string[], seen: Observation) =>
  Object.fromEntries(unfinishedRollouts(new Set(begun), new Map([[ADDRESS, seen]])));

test('one that lacks pods says how far it is', () => {
  assert.equal(told([ADDRESS], present(deployment(1))), { [ADDRESS]: '1 of 2 available' });
});

test('one that is complete by now is not told', () => {
  assert.equal(told([ADDRESS], present(deployment(2))), {});
});

test('what no run left behind is not told, whatever its pods do', () => {
  assert.equal(told([], present(deployment(0))), {});
});

test('what is gone is not told', () => {
  assert.equal(told([ADDRESS], { type: 'absent' }), {});
});

test.run();
