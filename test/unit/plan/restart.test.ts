import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import type { Observation } from '../../../src/observe/observe.js';
import type { BarePods } from '../../../src/observe/sidecars.js';
import { planAction } from '../../../src/plan/plan.js';
import { bareFindings } from '../../../src/plan/restart.js';
import { actionOf, live } from './support.js';

const test = suite('restarts in a plan');

const web = (replicas = 2, metadata: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas, template: { metadata: { labels: { app: 'web' }, ...metadata } } },
});
const ADDRESS = 'one/apps/v1/Deployment/shop/web';
const POINTER = '/spec/template/metadata/annotations';
const PLACE = { file: 'mesh.yaml', line: 12, column: 7 };

function planned(
  restart: boolean,
  bare: BarePods | undefined,
  fields: { live?: KubeObject; ours?: boolean } = {},
) {
  const seen: Observation = {
    type: 'present',
    live: live(fields.live ?? web()),
    predicted: live(web(2, metadataOf(fields.live))),
    ours: fields.ours ?? true,
  };
  const action = actionOf('one/web', {
    objects: [{ cluster: 'one', object: web(), restart }],
    source: PLACE,
  });
  const found = planAction(
    action,
    new Map([[ADDRESS, seen]]),
    new Map(),
    new Map(bare ? [[ADDRESS, bare]] : []),
  );
  const diagnostics = bareFindings([action], new Map(bare ? [[ADDRESS, bare]] : []));
  return { ...found, diagnostics: [...found.diagnostics, ...diagnostics], object: found.planned.objects[0] };
}

const metadataOf = (object: KubeObject | undefined) =>
  (object?.spec as { template?: { metadata?: object } } | undefined)?.template?.metadata ?? {};

const bare: BarePods = { count: 1, of: 2 };
const obstacle = { why: 'it is paused', hint: 'Take spec.paused off.' };

test('with permission, pods without a sidecar are restarted, and nothing is warned of', () => {
  const { object, planned: action, diagnostics, drift } = planned(true, bare);
  assert.is(action.change, 'update');
  assert.is(action.reason, 'pods-without-sidecar');
  assert.is(object?.restart, 'alone');
  assert.equal(object?.notes, ['restarted, for 1 of 2 pods are without a sidecar']);
  assert.equal(object?.patch, [
    { op: 'add', path: POINTER, value: { 'kubectl.kubernetes.io/restartedAt': '(time of the restart)' } },
  ]);
  assert.equal([...diagnostics, ...drift], []);
});

test('a restart of before is what it replaces, whoever made it, and no drift', () => {
  const before = { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } };
  const { object, drift } = planned(true, bare, { live: web(2, before) });
  const path = `${POINTER}/kubectl.kubernetes.io~1restartedAt`;
  assert.equal(object?.patch, [{ op: 'replace', path, value: '(time of the restart)' }]);
  assert.equal(object?.before, { [path]: '2026-01-01T00:00:00Z' });
  assert.equal(drift, []);
});

test('other changes keep their reason, and the restart comes with them', () => {
  const { object, planned: action } = planned(true, bare, { live: web(5) });
  assert.is(action.reason, 'declaration-changed');
  assert.is(object?.restart, 'too');
  assert.equal(
    object?.patch.map(({ path }) => path),
    ['/spec/replicas', POINTER],
  );
});

test('what was there before meshplan is restarted too, and stays as it was', () => {
  const { object } = planned(true, bare, { ours: false });
  assert.is(object?.restart, 'alone');
  assert.ok(object?.shared);
});

test('without permission it is a warning at the workload in mesh.yaml', () => {
  const { planned: action, diagnostics } = planned(false, bare);
  assert.is(action.change, 'noop');
  const [finding] = diagnostics;
  assert.is(finding?.code, 'pods-without-sidecar');
  assert.is(finding?.severity, 'warning');
  assert.is(finding?.line, 12);
  assert.is(finding?.address, ADDRESS);
  assert.is(finding?.subject, ADDRESS, 'what a waiver names');
  assert.match(
    finding?.message ?? '',
    /^one\/apps\/v1\/Deployment\/shop\/web: 1 of 2 pods are without a sidecar/,
  );
  assert.match(
    finding?.hint ?? '',
    /`restart: true`.*kubectl rollout restart -n shop deployment\/web in one/,
  );
});

test('a restart that would not help is not made, and the way out is told', () => {
  const { planned: action, diagnostics } = planned(true, { ...bare, obstacle });
  assert.is(action.change, 'noop');
  assert.match(diagnostics[0]?.message ?? '', /a restart would not help, for it is paused$/);
  assert.is(diagnostics[0]?.hint, 'Take spec.paused off.');
});

test('pods in order change nothing', () => {
  const { planned: action, diagnostics } = planned(true, undefined);
  assert.is(action.change, 'noop');
  assert.equal(diagnostics, []);
});

test.run();
