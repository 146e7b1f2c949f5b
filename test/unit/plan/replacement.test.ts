import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { replacementOf } from '../../../src/plan/replacement.js';

const deployment = (app: string, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    selector: { matchLabels: { app } },
    template: { spec: { containers: [{ name: 'web', image: 'web:v1', ...more }] } },
  },
});

const test = suite('what a replace costs');

test('the field, from what to what, and what is lost; defaults of the server are no change', () => {
  const live = deployment('web', { imagePullPolicy: 'IfNotPresent' });
  const { patch, before, notes } = replacementOf(deployment('shop'), { live, fields: ['spec.selector'] });
  assert.equal(patch, [{ op: 'replace', path: '/spec/selector/matchLabels/app', value: 'shop' }]);
  assert.equal(before, { '/spec/selector/matchLabels/app': 'web' });
  assert.is(notes?.[0], 'spec.selector is set only at creation: matchLabels/app "web" -> "shop"');
  assert.match(notes?.[1] ?? '', 'its pods end');
});

const service = (spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { ...spec },
});

const losses: [title: string, spec: object, said: string, unsaid: string][] = [
  ['a ClusterIP', { clusterIP: '10.0.0.7' }, 'its ClusterIP 10.0.0.7', 'load balancer'],
  ['a headless Service', { clusterIP: 'None' }, 'calls to it fail', 'ClusterIP'],
  [
    'a load balancer',
    { type: 'LoadBalancer', clusterIP: '10.0.0.7' },
    'the address of its load balancer',
    'x',
  ],
];
for (const [title, spec, said, unsaid] of losses) {
  test(`${title}: ${said}`, () => {
    const { notes } = replacementOf(service({ clusterIP: '10.0.0.9' }), { live: service(spec), fields: [] });
    assert.match(notes?.at(-1) ?? '', said);
    assert.not.match(notes?.at(-1) ?? '', unsaid);
  });
}

test('of a Secret no value is told', () => {
  const secret = (value: string): KubeObject => ({
    ...service({}),
    kind: 'Secret',
    immutable: true,
    data: { key: value },
  });
  const result = replacementOf(secret('bmV3'), { live: secret('b2xk'), fields: ['data'] });
  assert.not.match(JSON.stringify(result), /bmV3|b2xk/);
  assert.is(result.notes?.[0], 'data is set only at creation');
});

test.run();
