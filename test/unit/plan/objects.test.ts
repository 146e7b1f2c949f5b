import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, ManagedFieldsEntry } from '../../../src/model/kube.js';
import { Unknown } from '../../../src/model/unknown.js';
import type { Observation } from '../../../src/observe/observe.js';
import { planObject } from '../../../src/plan/objects.js';
import { configMap, live } from './support.js';

const CANARY = 'canary-77aa';
const ADDRESS = 'one/v1/ConfigMap/shop/web';
const web = configMap('web', { a: '1' });
const seenAs = (observation: Observation, known: [string, string][] = [], object: KubeObject = web) =>
  planObject({ cluster: 'one', object }, observation, new Map(known));

const secret = (data: Record<string, unknown>): KubeObject => ({
  ...configMap('keys', data),
  kind: 'Secret',
});

const test = suite('planned objects');

const table: [
  title: string,
  seen: Observation,
  change: string,
  reason: string,
  force: boolean,
  shared: boolean,
][] = [
  ['not there', { type: 'absent' }, 'create', 'absent', false, false],
  [
    'as declared',
    { type: 'present', live: live(web), predicted: live(web), ours: true },
    'noop',
    'in-sync',
    true,
    false,
  ],
  [
    'as declared, but never ours',
    { type: 'present', live: live(web), predicted: live(web), ours: false },
    'noop',
    'in-sync',
    false,
    true,
  ],
  [
    'different',
    { type: 'present', live: live(configMap('web')), predicted: live(web), ours: true },
    'update',
    'declaration-changed',
    true,
    false,
  ],
  [
    'different, but never ours',
    { type: 'present', live: live(configMap('web')), predicted: live(web), ours: false },
    'update',
    'declaration-changed',
    false,
    true,
  ],
  [
    'not to be predicted',
    { type: 'unpredictable', live: live(web), ours: true, why: 'x' },
    'unknown',
    'not-predictable',
    true,
    false,
  ],
  ['in conflict', { type: 'conflict', live: live(web), causes: [] }, 'blocked', 'conflict', false, false],
  ['refused', { type: 'invalid', message: 'x', declared: true }, 'blocked', 'invalid-object', false, false],
  [
    'only to be made anew',
    { type: 'immutable', live: live(configMap('web')), message: 'x', fields: ['data'] },
    'replace',
    'immutable-field',
    true,
    false,
  ],
  ['not read', { type: 'unreachable' }, 'unknown', 'cluster-unreachable', false, false],
  [
    'of a kind that may not be read',
    { type: 'unread', reason: 'forbidden', message: 'x' },
    'unknown',
    'forbidden',
    false,
    false,
  ],
  [
    'of a kind that the server fails to show',
    { type: 'unread', reason: 'server-error', message: 'x' },
    'unknown',
    'server-error',
    false,
    false,
  ],
];
for (const [title, seen, change, reason, force, shared] of table) {
  test(`${title}: ${change}, ${reason}`, () => {
    const { planned, drift } = seenAs(seen);
    assert.equal(
      { change: planned.change, reason: planned.reason, force: planned.force, shared: planned.shared },
      { change, reason, force, shared },
    );
    assert.is(planned.address, ADDRESS);
    assert.is(planned.uid, 'live' in seen ? 'uid-of-web' : undefined);
    assert.is(drift, undefined);
  });
}

test('an object that nobody looked at is not taken for absent', () => {
  assert.is(
    planObject({ cluster: 'one', object: web }, undefined, new Map()).planned.reason,
    'cluster-unreachable',
  );
});

test('a new object is one operation on the whole', () => {
  assert.equal(seenAs({ type: 'absent' }).planned.patch, [{ op: 'add', path: '', value: web }]);
});

test('what the state knew and is gone was deleted outside, which is drift', () => {
  const { planned, drift } = seenAs({ type: 'absent' }, [[ADDRESS, 'uid-of-web']]);
  assert.is(planned.reason, 'deleted-outside');
  assert.equal(drift, [{ address: ADDRESS, lens: 'declared', rule: 'deleted', patch: [] }]);
});

test('an update has the patch and what stands there now', () => {
  const { planned } = seenAs({
    type: 'present',
    live: live(configMap('web', { a: 'old', gone: 'x' })),
    predicted: live(web),
    ours: true,
  });
  assert.equal(planned.patch, [
    { op: 'replace', path: '/data/a', value: '1' },
    { op: 'remove', path: '/data/gone' },
  ]);
  assert.equal(planned.before, { '/data/a': 'old', '/data/gone': 'x' });
});

const scaled: ManagedFieldsEntry = {
  manager: 'kubectl-edit',
  operation: 'Update',
  time: '2026-02-01T10:00:00Z',
  fieldsV1: { 'f:data': { 'f:a': {} } },
};

test('a declared field that somebody else changed is drift with author and time; other changes are not', () => {
  const { planned, drift } = seenAs({
    type: 'present',
    live: live(configMap('web', { a: 'theirs', b: 'old' }), { managedFields: [scaled] }),
    predicted: live(configMap('web', { a: '1', b: 'new' })),
    ours: true,
  });
  assert.is(planned.reason, 'changed-outside');
  assert.is(planned.patch.length, 2);
  assert.equal(drift, [
    {
      address: ADDRESS,
      lens: 'declared',
      rule: 'changed',
      patch: [{ op: 'replace', path: '/data/a', value: '1' }],
      before: { '/data/a': 'theirs' },
      by: 'kubectl-edit',
      at: '2026-02-01T10:00:00Z',
    },
  ]);
});

test('on an object that was never ours nothing is drift', () => {
  const { planned, drift } = seenAs({
    type: 'present',
    live: live(configMap('web', { a: 'theirs' }), { managedFields: [scaled] }),
    predicted: live(web),
    ours: false,
  });
  assert.is(planned.reason, 'declaration-changed');
  assert.is(drift, undefined);
});

const whole = { ...scaled, fieldsV1: { 'f:data': { 'f:key': {} } } };
const hidden: [title: string, seen: Observation][] = [
  ['create', { type: 'absent' }],
  [
    'update',
    {
      type: 'present',
      live: live(secret({ key: `${CANARY}-old` })),
      predicted: live(secret({ key: CANARY })),
      ours: true,
    },
  ],
  [
    'drift',
    {
      type: 'present',
      live: live(secret({ key: `${CANARY}-old` }), { managedFields: [whole] }),
      predicted: live(secret({ key: CANARY })),
      ours: true,
    },
  ],
  [
    'replace',
    { type: 'immutable', live: live(secret({ key: `${CANARY}-old` })), message: 'x', fields: ['data'] },
  ],
  [
    'dropped key',
    { type: 'present', live: live(secret({ key: CANARY })), predicted: live(secret({})), ours: true },
  ],
];
for (const [title, seen] of hidden) {
  test(`${title} of a Secret: sensitive, and no value in patch, before or drift`, () => {
    const result = seenAs(seen, [['one/v1/Secret/shop/keys', 'u']], secret({ key: CANARY }));
    assert.is(result.planned.sensitive, true);
    assert.is(result.planned.change === 'noop', false);
    assert.not.match(JSON.stringify(result), CANARY);
  });
}

test('a ConfigMap that can only be made anew shows its values', () => {
  const { planned } = seenAs({
    type: 'immutable',
    live: live(configMap('web', { a: 'old' })),
    message: 'x',
    fields: ['data'],
  });
  assert.is(planned.sensitive, false);
  assert.equal(planned.patch, [{ op: 'replace', path: '/data/a', value: '1' }]);
  assert.equal(planned.before, { '/data/a': 'old' });
  assert.is(planned.notes?.[0], 'data is set only at creation: a "old" -> "1"');
});

test('a value that is awaited is told with its place and origin', () => {
  const awaited = configMap('web', { a: new Unknown('one/address', 'load balancer of one') });
  const { planned } = seenAs({ type: 'unpredictable', live: live(web), ours: true, why: 'x' }, [], awaited);
  assert.is(planned.reason, 'awaits-value');
  assert.equal(
    planned.unknown.map(({ pointer, value }) => `${pointer} ${value.origin}`),
    ['/data/a one/address'],
  );
});

test('what was made before a fence is made anew where it is ours, and blocks where it is not', () => {
  const since = '2026-11-25T13:40:12.700Z';
  const madeAt = (creationTimestamp: string, ours = true) => {
    const token = live(web, { creationTimestamp });
    const seen: Observation = { type: 'present', live: token, predicted: token, ours };
    const { planned } = planObject({ cluster: 'one', object: web, madeSince: since }, seen, new Map());
    return `${planned.change} ${planned.reason}`;
  };
  assert.is(madeAt('2026-11-25T13:40:11Z'), 'replace made-before-fence');
  assert.is(madeAt('2026-11-25T13:40:11Z', false), 'blocked made-before-fence');
  // API servers tell whole seconds: one of the same second may be younger.
  assert.is(madeAt('2026-11-25T13:40:12Z'), 'noop in-sync');
});

test.run();
