import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findUnknowns, Unknown } from '../../../src/model/unknown.js';
import { bindPlan } from '../../../src/saved/bind.js';
import { actionOf, configMap, owned, ownedMap, planOf } from '../plan/support.js';
import { at, readingOf, type Sight, savedOf, todo, writer } from './support.js';

const test = suite('a saved plan and the clusters as they are now');

const declared = configMap('a', { x: '1', y: '1' });
const action = actionOf('one/a');
const seen = (data: Record<string, string>, version: string, ...writers: ReturnType<typeof writer>[]) => ({
  declared,
  live: at(configMap('a', data), version, writers),
});
const gone: Sight = { declared };

/** The plan of `before`, applied to what is there now. */
const bind = (before: Sight, now: Sight) =>
  bindPlan(savedOf(readingOf([action], { 'one/a': before })), readingOf([action], { 'one/a': now }));

const planned = seen({ x: '5', y: '1' }, '10');
const anew = at(configMap('a', { x: '5', y: '1' }), '20');
anew.metadata.uid = 'another';

const table: [what: string, before: Sight, now: Sight, todo: string[], stale: string][] = [
  ['nothing happened', planned, planned, ['one/a update'], ''],
  ['a status was written', planned, seen({ x: '5', y: '1' }, '11'), ['one/a update'], ''],
  [
    'others added what is not declared',
    planned,
    seen({ x: '5', y: '1', z: '9' }, '11'),
    ['one/a update'],
    '',
  ],
  ['the change was made by others', planned, seen({ x: '1', y: '1' }, '11'), [], ''],
  [
    'a part of it was made',
    seen({ x: '5', y: '5' }, '10'),
    seen({ x: '1', y: '5' }, '11'),
    ['one/a update'],
    '',
  ],
  [
    'the planned field was changed',
    planned,
    seen({ x: '6', y: '1' }, '11', writer('rival', ['x'])),
    ['one/a blocked'],
    'has changed since the plan /data/x rival 2026-01-02T03:04:05Z',
  ],
  [
    'another declared field was changed',
    planned,
    seen({ x: '5', y: '7' }, '11', writer('old', ['x'], '2025-01-01T00:00:00Z'), writer('rival', ['y'])),
    ['one/a blocked'],
    'has changed since the plan /data/y rival 2026-01-02T03:04:05Z',
  ],
  [
    'the planned field was removed, so that nobody owns it',
    planned,
    seen({ y: '1' }, '11', writer('rival', ['z'])),
    ['one/a blocked'],
    'has changed since the plan /data/x rival 2026-01-02T03:04:05Z',
  ],
  ['it was deleted', planned, gone, ['one/a blocked'], 'was deleted since the plan'],
  ['it was made anew', planned, { declared, live: anew }, ['one/a blocked'], 'was made anew since the plan'],
  ['it is still absent', gone, gone, ['one/a create'], ''],
  ['it was made as declared', gone, seen({ x: '1', y: '1' }, '11'), [], ''],
  [
    'it was made by others otherwise',
    gone,
    seen({ x: '6', y: '1' }, '11', writer('rival', ['x'])),
    ['one/a blocked'],
    'was made since the plan rival 2026-01-02T03:04:05Z',
  ],
];

for (const [what, before, now, expected, stale] of table) {
  test(what, () => {
    const bound = bind(before, now);
    assert.equal(todo(bound.plan), expected);
    const told = bound.stale.map((item) =>
      [item.what, ...item.fields, item.by, item.at].filter(Boolean).join(' '),
    );
    assert.is(told.join(), stale);
  });
}

test('the same version with another change is stale: what it is worked out from has changed', () => {
  const other = { declared: configMap('a', { x: '2', y: '1' }), live: planned.live };
  const { stale } = bind(planned, other);
  assert.equal(
    stale.map(({ what, fields }) => [what, ...fields]),
    [['would now change in another way', '/data/x']],
  );
});

test('what the plan does not change is held, and told', () => {
  const inSync = seen({ x: '1', y: '1' }, '10');
  const { plan, held, stale } = bind(inSync, seen({ x: '6', y: '1' }, '11', writer('rival', ['x'])));
  assert.equal(todo(plan), []);
  assert.equal([...held], ['one/v1/ConfigMap/shop/a']);
  assert.equal(stale, []);
  assert.equal(
    plan.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
    ['warning not-planned'],
  );
  assert.is(plan.summary.noop, 1);
});

test('within one action only the object that the plan changes is changed', () => {
  const both = actionOf('one/a', {
    objects: ['a', 'b'].map((name) => ({ cluster: 'one', object: configMap(name, { x: '1' }) })),
  });
  const sight = (name: string, x: string): Sight => ({
    declared: configMap(name, { x: '1' }),
    live: at(configMap(name, { x }), x),
  });
  const reading = (a: string, b: string) =>
    readingOf([both], {
      'one/v1/ConfigMap/shop/a': sight('a', a),
      'one/v1/ConfigMap/shop/b': sight('b', b),
    });
  const { plan, held } = bindPlan(savedOf(reading('5', '1')), reading('5', '7'));
  assert.equal(
    plan.actions[0]?.objects.map(({ name, change, reason }) => `${name} ${change} ${reason}`),
    ['a update declaration-changed', 'b noop not-planned'],
  );
  assert.equal([...held], ['one/v1/ConfigMap/shop/b']);
});

test('a stale object blocks its cluster and what depends on it, and nothing else', () => {
  const actions = ['one/a', 'one/b', 'two/c<one/b', 'two/d', 'one/e'].map((text) => actionOf(text));
  const sight = (name: string, x: string, version: string): Sight => ({
    declared: configMap(name, { x: '1' }),
    live: at(configMap(name, { x }), version),
  });
  const before = Object.fromEntries(
    actions.map(({ id }) => [id, sight(id.slice(4), id === 'one/e' ? '1' : '5', '1')]),
  );
  const saved = savedOf(readingOf(actions, before));
  const { plan, stale } = bindPlan(saved, readingOf(actions, { ...before, 'one/a': sight('a', '6', '2') }));
  assert.equal(todo(plan), ['one/a blocked', 'one/b blocked', 'two/c blocked', 'two/d update']);
  assert.is(stale.length, 1);
  assert.not(plan.complete);
  assert.equal(
    plan.actions.map((item) => item.reason),
    ['stale-object', 'stale-object', 'dependency-blocked', 'declaration-changed', 'in-sync'],
  );
});

test('what a silent cluster needed when the plan was made is not done later', () => {
  const silent = readingOf([action], { 'one/a': { type: 'unreachable' } });
  const [first, ...others] = silent.plan.clusters;
  assert.ok(first);
  const clusters = [{ ...first, reachable: false }, ...others];
  const saved = savedOf({ ...silent, plan: { ...silent.plan, complete: false, clusters } });
  const { plan, stale } = bindPlan(saved, readingOf([action], { 'one/a': gone }));
  assert.equal(todo(plan), []);
  assert.not(plan.complete);
  assert.equal(stale, []);
  assert.equal(
    plan.diagnostics.map(({ code, message }) => `${code} ${message.split(' ').slice(0, 5).join(' ')}`),
    ['not-planned one could not be read', 'not-planned the saved plan leaves as'],
  );
});

test('of a cluster that is silent now nothing is told that the plan does not change', () => {
  const inSync = seen({ x: '1', y: '1' }, '10');
  const saved = savedOf(readingOf([action], { 'one/a': inSync }));
  const { plan, held } = bindPlan(saved, readingOf([action], { 'one/a': { type: 'unreachable' } }));
  assert.equal(todo(plan), []);
  assert.equal(plan.diagnostics, []);
  assert.equal([...held], ['one/v1/ConfigMap/shop/a']);
});

const waiting = configMap('a', { x: new Unknown('one/address', 'load balancer of one') });
const undecided = actionOf('one/a', { objects: [{ cluster: 'one', object: waiting }] });
const open = (object: ReturnType<typeof at>) =>
  ({ type: 'unpredictable', live: object, ours: true, why: 'a value is not known yet' }) as const;

test('a change that is decided later is fresh while only the status or nothing changed', () => {
  assert.is(findUnknowns(waiting).length, 1);
  const before = at(configMap('a', { x: '5' }), '1');
  const saved = savedOf(readingOf([undecided], { 'one/a': open(before) }));
  const bindTo = (object: ReturnType<typeof at>) =>
    bindPlan(saved, readingOf([undecided], { 'one/a': open(object) })).stale.flatMap((item) => item.fields);
  assert.equal(bindTo(before), []);
  assert.equal(bindTo({ ...at(configMap('a', { x: '5' }), '2'), status: { ready: true } }), []);
  assert.equal(bindTo(at(configMap('a', { x: '6' }), '2')), ['/data/x']);
});

test('objects that the awaited value brings are part of the plan', () => {
  const saved = savedOf(readingOf([undecided], { 'one/a': { type: 'absent' } }));
  const shaped = actionOf('one/a', {
    objects: [declared, configMap('b')].map((object) => ({ cluster: 'one', object })),
  });
  const { plan } = bindPlan(saved, readingOf([shaped], { 'one/a': { type: 'absent' } }));
  assert.equal(
    plan.actions[0]?.objects.map(({ name, change }) => `${name} ${change}`),
    ['a create', 'b create'],
  );
});

test('of a Secret the version decides', () => {
  const secret = (x: string) => ({ ...configMap('a', { x }), kind: 'Secret' });
  const holder = actionOf('one/a', { objects: [{ cluster: 'one', object: secret('1') }] });
  const sight = (x: string, version: string) => ({ declared: secret('1'), live: at(secret(x), version) });
  const saved = savedOf(readingOf([holder], { 'one/a': sight('5', '1') }));
  assert.not.match(JSON.stringify(saved), '"5"');
  const bindTo = (x: string, version: string) =>
    bindPlan(saved, readingOf([holder], { 'one/a': sight(x, version) })).stale.map((item) => item.what);
  assert.equal(bindTo('5', '1'), []);
  assert.equal(bindTo('1', '2'), []);
  assert.equal(bindTo('5', '2'), ['has changed since the plan']);
});

test('a delete is bound to its UID, and a delete that came since is not done', () => {
  const removal = (...names: string[]) => {
    const ours = ownedMap(...names.map((name) => owned('one', configMap(name))));
    const observations = { objects: new Map(), ours, left: new Map(), unread: [], lost: new Map() };
    return { plan: planOf({ actions: [], ours }), actions: [], observations };
  };
  const saved = savedOf(removal('a'));
  assert.equal(todo(bindPlan(saved, removal('a', 'b')).plan), ['one/removal delete']);
  assert.equal([...bindPlan(saved, removal('a', 'b')).held], ['one/v1/ConfigMap/shop/b']);
  assert.equal(todo(bindPlan(saved, removal()).plan), []);
  const other = removal('a');
  for (const item of other.observations.ours.values()) item.object.metadata.uid = 'another';
  assert.equal(
    bindPlan(saved, other).stale.map((item) => item.what),
    ['was made anew since the plan'],
  );
});

test.run();
