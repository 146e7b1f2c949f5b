import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addedByOthers } from '../../../src/drift/added.js';
import { withoutIgnored } from '../../../src/drift/ignore.js';
import { buildDriftReport } from '../../../src/drift/report.js';
import type { DriftEntry, DriftIgnore } from '../../../src/model/drift.js';
import { meshOf } from '../compile/support.js';
import { actionOf, configMap, live, planOf } from '../plan/support.js';
import { AT, by, inputOf, mesh, secret, told } from './support.js';

const test = suite('the report of drift');

const source = { file: 'mesh.yaml', line: 3, column: 1 };
const rule = (fields: Partial<DriftIgnore>): DriftIgnore => ({ address: '**', source, ...fields });
const entry = (fields: Partial<DriftEntry> = {}): DriftEntry => ({
  address: 'one/v1/ConfigMap/shop/a',
  lens: 'declared',
  rule: 'changed',
  patch: [
    { op: 'remove', path: '/data/x' },
    { op: 'remove', path: '/spec/ports/1/name' },
  ],
  by: 'kubectl-edit',
  ...fields,
});

const rules: [title: string, rule: Partial<DriftIgnore>, kept: number, count: number][] = [
  ['all about an object', { address: 'one/v1/ConfigMap/shop/a' }, 0, 2],
  ['a glob', { address: '*/v1/ConfigMap/shop/*' }, 0, 2],
  ['another object', { address: 'two/**' }, 2, 0],
  ['a pointer', { pointers: ['/data/x'] }, 1, 1],
  ['a pointer above', { pointers: ['/data'] }, 1, 1],
  ['a pointer with a star', { pointers: ['/spec/ports/*/name'] }, 1, 1],
  ['the start of a name is no pointer above', { pointers: ['/dat'] }, 2, 0],
  ['its manager', { manager: 'kubectl*' }, 0, 2],
  ['another manager', { manager: 'helm' }, 2, 0],
];
for (const [title, fields, kept, count] of rules) {
  test(`ignored by ${title}: ${count}`, () => {
    const sieved = withoutIgnored([entry()], [rule(fields)]);
    assert.is(sieved.kept.flatMap(({ patch }) => patch).length, kept);
    assert.is(sieved.ignored[0]?.count, count);
    assert.is(sieved.dropped.flatMap(({ patch }) => patch).length, count);
  });
}

test('an entry without fields is ignored as a whole, and not by pointers', () => {
  const whole = entry({ rule: 'not-synced', lens: 'meaning', patch: [] });
  assert.is(withoutIgnored([whole], [rule({ pointers: ['/data'] })]).kept.length, 1);
  const { kept, ignored } = withoutIgnored([whole], [rule({ address: 'two/**' }), rule({})]);
  assert.equal([kept.length, ...ignored.map(({ count }) => count)], [0, 0, 1]);
});

test('what others added is removed from the end of a list to its front', () => {
  const ports = Array.from({ length: 11 }, (_, index) => ({ port: index }));
  const fields = Object.fromEntries(ports.map(({ port }) => [`k:{"port":${port}}`, { '.': {} }]));
  const object = { ...configMap('a'), spec: { ports } };
  const seen = live(object, {
    managedFields: [by('helm', { fieldsV1: { 'f:spec': { 'f:ports': fields } } })],
  });
  const input = inputOf({
    live: [['one', seen]],
    actions: [actionOf('one/a', { objects: [{ cluster: 'one', object }] })],
  });
  const [found] = addedByOthers(input.actions, input.observations);
  assert.equal(
    found?.patch.map(({ path }) => path),
    ports.toReversed().map(({ port }) => `/spec/ports/${port}`),
  );
  assert.equal([found?.by, found?.at], ['helm', AT]);
});

test('of a Secret nothing that others added is told but its place', () => {
  const fieldsV1 = { 'f:data': { 'f:key': {} } };
  const seen = secret('keys', { key: 'CANARY' }, by('helm', { fieldsV1 }));
  const input = inputOf({
    live: [['one', seen]],
    actions: [actionOf('one/a', { objects: [{ cluster: 'one', object: seen }] })],
  });
  const found = addedByOthers(input.actions, input.observations);
  assert.is(found[0]?.patch[0]?.path, '/data/key');
  assert.not.match(JSON.stringify(found), /CANARY|Q0FOQVJZ/);
});

const editedMap = live(configMap('a', { x: 'theirs', y: 'old' }), {
  managedFields: [by('kubectl-edit', { fieldsV1: { 'f:data': { 'f:x': {} } } })],
});
const plan = planOf({
  actions: [actionOf('one/a', { source })],
  seen: {
    'one/a': {
      type: 'present',
      live: editedMap,
      predicted: live(configMap('a', { x: 'ours', y: 'new' })),
      ours: true,
    },
  },
});

test('pending is what drift does not explain, ignored or not', () => {
  const report = buildDriftReport(plan, inputOf({}));
  assert.equal(told(report.plan.drift), ['changed one/v1/ConfigMap/shop/a kubectl-edit']);
  assert.equal(report.plan.drift[0]?.source, source);
  assert.equal(
    report.pending.map(({ address, fields }) => [address, fields]),
    [['one/v1/ConfigMap/shop/a', ['/data/y']]],
  );
  const ignoring = meshOf(mesh.clusters, { drift: { ignore: [rule({})] } });
  const ignored = buildDriftReport(plan, inputOf({ mesh: ignoring }));
  assert.equal(ignored.plan.drift, []);
  assert.equal(ignored.pending, report.pending);
  assert.equal(ignored.plan.actions, plan.actions);
});

test('of a plan that was asked for in part only what was selected is told', () => {
  const sync = [{ cluster: 'two', primary: 'one', status: 'not-synced' as const, evidence: 'timeout' }];
  const input = inputOf({ live: [['one', secret('istio-remote-secret-two', {})]], rest: { sync } });
  const rules = (targets: string[]) => {
    const selection = { targets, excludes: [], included: [] };
    return buildDriftReport({ ...plan, selection }, input).plan.drift.map((item) => item.rule);
  };
  assert.equal(rules(['one/a']), ['changed']);
  assert.equal(rules(['one/**']), ['changed', 'not-synced']);
});

test('what was deleted is no pending creation', () => {
  const known = new Map([['one/v1/ConfigMap/shop/a', 'u']]);
  const deleted = planOf({ actions: [actionOf('one/a')], seen: { 'one/a': { type: 'absent' } }, known });
  const report = buildDriftReport(deleted, inputOf({}));
  assert.equal(told(report.plan.drift), ['deleted one/v1/ConfigMap/shop/a']);
  assert.equal(report.pending, []);
});

test('what waits for a cluster that could not be read is not said to be pending', () => {
  const waiting = planOf({ actions: [actionOf('one/a')], seen: { 'one/a': { type: 'absent' } } });
  const [action] = waiting.actions;
  assert.ok(action);
  const objects = action.objects.map((object) => ({ ...object, change: 'unknown' as const }));
  const blocked = { ...action, change: 'blocked' as const, reason: 'dependency-blocked' as const, objects };
  const pending = (complete: boolean) =>
    buildDriftReport({ ...waiting, actions: [blocked], complete }, inputOf({})).pending.length;
  assert.equal([pending(false), pending(true)], [0, 1]);
  const alone = { ...blocked, objects: [] };
  const charts = { ...blocked, kind: 'data-plane' as const, objects: action.objects };
  for (const one of [alone, charts]) {
    const report = buildDriftReport({ ...waiting, actions: [one], complete: false }, inputOf({}));
    assert.equal(report.pending, []);
  }
});

test('an error about the live trust is what drift found; one about the input stays an error', () => {
  const codes = ['root-mismatch', 'loopback-server'];
  const diagnostics = codes.map((code) => ({ severity: 'error' as const, code, message: code }));
  const report = buildDriftReport({ ...plan, diagnostics }, inputOf({}));
  assert.equal(
    report.plan.diagnostics.map(({ severity }) => severity),
    ['warning', 'error'],
  );
});

test('what could not be looked at makes the report incomplete', () => {
  const unasked = { cluster: 'two', primary: 'one', status: 'unread' as const, evidence: 'forbidden' };
  const report = buildDriftReport(plan, inputOf({ rest: { sync: [unasked] } }));
  assert.is(report.plan.complete, false);
  assert.match(report.plan.diagnostics.at(-1)?.message ?? '', 'istiod of one cannot be asked');
});

test('a scale has the time at which its controller followed', () => {
  const entry = { ...plan.drift[0], patch: [{ op: 'replace', path: '/spec/replicas', value: 2 }] };
  const { at: _, ...untimed } = entry as DriftEntry;
  const input = inputOf({});
  input.meaning.scaled.set(untimed.address, AT);
  assert.is(buildDriftReport({ ...plan, drift: [untimed] }, input).plan.drift[0]?.at, AT);
});

test.run();
