import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InvalidInputError } from '../../../src/errors/index.js';
import type { DesiredAction } from '../../../src/model/action.js';
import type { Plan } from '../../../src/model/plan.js';
import type { PlanRequest } from '../../../src/model/request.js';
import type { Observation } from '../../../src/observe/observe.js';
import { hasChanges } from '../../../src/plan/plan.js';
import { countLeftOut, leftOutAddresses, selectActions } from '../../../src/plan/select.js';
import { wholeClusters } from '../../../src/plan/whole-clusters.js';
import { actionOf, changesOf, configMap, live, mesh, planOf } from './support.js';

const absent: Observation = { type: 'absent' };
const update = (name: string): Observation => ({
  type: 'present',
  live: live(configMap(name, { a: '0' })),
  predicted: live(configMap(name)),
  ours: true,
});

/** one/root ← one/base ← one/top, two/top ← one/base, two/alone; all absent but what is said. */
function scene(inSync: string[] = []): Plan {
  const actions = ['one/root', 'one/base<one/root', 'one/top<one/base', 'two/top<one/base', 'two/alone'].map(
    (text) => actionOf(text),
  );
  const seen = Object.fromEntries(
    actions.filter(({ id }) => !inSync.includes(id)).map(({ id }) => [id, absent]),
  );
  return planOf({ actions, seen });
}

const changed = (plan: Plan) =>
  plan.actions.filter((action) => action.change !== 'noop').map((action) => action.id);
const because = (plan: Plan) => plan.selection?.included.map(({ id, neededBy }) => `${id} for ${neededBy}`);

const test = suite('what is selected of a plan');

test('without flags, everything', () => {
  const plan = scene();
  assert.is(selectActions(plan, {}), plan);
});

type Case = [what: string, request: PlanRequest, inSync: string[], ids: string[], included: string[]];
const cases: Case[] = [
  ['one action alone', { targets: ['two/alone'] }, [], ['two/alone'], []],
  [
    'an action with all that it needs',
    { targets: ['one/top'] },
    [],
    ['one/root', 'one/base', 'one/top'],
    ['one/root for one/base', 'one/base for one/top'],
  ],
  [
    'what is in sync needs nothing done',
    { targets: ['one/top'] },
    ['one/root'],
    ['one/base', 'one/top'],
    ['one/base for one/top'],
  ],
  [
    'through what is in sync as well',
    { targets: ['one/top'] },
    ['one/base'],
    ['one/root', 'one/top'],
    ['one/root for one/base'],
  ],
  [
    'what is named is not included for another',
    { targets: ['one/base', 'one/top'] },
    ['one/root'],
    ['one/base', 'one/top'],
    [],
  ],
  ['a glob over clusters', { targets: ['*/top'] }, ['one/root', 'one/base'], ['one/top', 'two/top'], []],
  ['a glob over parts', { targets: ['two/**'] }, ['one/root', 'one/base'], ['two/top', 'two/alone'], []],
  ['an object', { targets: ['two/v1/ConfigMap/shop/alone'] }, [], ['two/alone'], []],
  ['all but one', { excludes: ['two/alone'] }, [], ['one/root', 'one/base', 'one/top', 'two/top'], []],
  [
    'what depends on the excluded goes with it',
    { excludes: ['one/base'] },
    [],
    ['one/root', 'two/alone'],
    [],
  ],
  ['also through what is in sync', { excludes: ['one/root'] }, ['one/base'], ['two/alone'], []],
  [
    'an excluded action in sync holds nobody up',
    { excludes: ['one/base'] },
    ['one/root', 'one/base'],
    ['one/top', 'two/top', 'two/alone'],
    [],
  ],
  [
    'an excluded object holds up as its action',
    { excludes: ['one/v1/ConfigMap/shop/base'] },
    [],
    ['one/root', 'two/alone'],
    [],
  ],
  [
    'both',
    { targets: ['*/top'], excludes: ['two/**'] },
    [],
    ['one/root', 'one/base', 'one/top'],
    ['one/root for one/base', 'one/base for one/top'],
  ],
  ['nothing is included for what is excluded', { targets: ['one/top'], excludes: ['one/base'] }, [], [], []],
  ['a target that is excluded', { targets: ['one/top'], excludes: ['one/top'] }, [], [], []],
];
for (const [what, request, inSync, ids, included] of cases) {
  test(what, () => {
    const plan = selectActions(scene(inSync), request);
    assert.equal(changed(plan), ids);
    assert.equal(because(plan), included);
    assert.is(hasChanges(plan), ids.length > 0);
  });
}

test('what is left out stays in the plan, and counts as nothing to do', () => {
  const plan = selectActions(scene(['one/root']), { targets: ['one/base'] });
  assert.equal(
    plan.actions.map(({ id, change, reason }) => `${id} ${change} ${reason}`),
    [
      'one/root noop in-sync',
      'one/base create absent',
      'one/top noop not-selected',
      'two/top noop not-selected',
      'two/alone noop not-selected',
    ],
  );
  assert.equal(plan.actions[2]?.objects[0]?.patch, []);
  assert.equal([plan.summary.create, plan.summary.noop], [1, 4]);
  assert.equal(countLeftOut(plan), { whole: 3, part: 0 });
});

/** An action of three objects in which two differ; one/after needs it. */
function parts(): Plan {
  const objects = ['x', 'y', 'z'].map((name) => ({ cluster: 'one', object: configMap(name) }));
  const many = actionOf('one/many', { objects });
  const plan = planOf({
    actions: [many, actionOf('one/after<one/many')],
    seen: { 'one/many': update('x'), 'one/after': absent },
  });
  const [action] = plan.actions;
  // All three were seen as the first; the last one is in sync.
  if (action?.objects[2]) Object.assign(action.objects[2], { change: 'noop', reason: 'in-sync', patch: [] });
  return plan;
}
const inMany = (name: string) => `one/v1/ConfigMap/shop/${name}`;

test('one object of an action', () => {
  const plan = selectActions(parts(), { targets: [inMany('y')] });
  assert.equal(
    plan.actions[0]?.objects.map(({ name, change, reason }) => `${name} ${change} ${reason}`),
    ['x noop not-selected', 'y update declaration-changed', 'z noop in-sync'],
  );
  assert.equal(changesOf(plan), ['one/many update declaration-changed']);
  assert.equal(countLeftOut(plan), { whole: 1, part: 1 });
});

test('an object that is left out is not restarted, and says nothing of it', () => {
  const plan = parts();
  for (const item of plan.actions[0]?.objects ?? [])
    Object.assign(item, { restart: 'alone', notes: ['restarted'] });
  const [action] = selectActions(plan, { targets: [inMany('y')] }).actions;
  assert.equal(
    action?.objects.map(({ name, restart, notes }) => [name, restart, notes]),
    [
      ['x', undefined, undefined],
      ['y', 'alone', ['restarted']],
      ['z', 'alone', ['restarted']],
    ],
  );
});

test('an object in sync is nothing to do, and its action is not selected', () => {
  const plan = selectActions(parts(), { targets: [inMany('z')] });
  assert.equal(changed(plan), []);
  assert.is(plan.actions[0]?.reason, 'not-selected');
});

test('an action is whole again where another target needs it', () => {
  const plan = selectActions(parts(), { targets: [inMany('y'), 'one/after'] });
  assert.is(plan.actions[0]?.objects.filter((item) => item.change === 'update').length, 2);
  assert.equal(because(plan), ['one/many for one/after']);
});

test('without one object of an action, what comes after it has to wait', () => {
  const plan = selectActions(parts(), { excludes: [inMany('x')] });
  assert.equal(changed(plan), ['one/many']);
  assert.equal(countLeftOut(plan), { whole: 1, part: 1 });
  assert.equal(changed(selectActions(parts(), { excludes: [inMany('z')] })), ['one/many', 'one/after']);
});

test('an action of which one object cannot be done can be done without it', () => {
  const conflict: Observation = { type: 'conflict', live: live(configMap('a')), causes: [] };
  const plan = planOf({
    actions: [actionOf('one/a'), actionOf('two/b')],
    seen: { 'one/a': conflict, 'two/b': absent },
  });
  const selected = selectActions(plan, { excludes: [inMany('a')] });
  assert.equal(changesOf(selected), ['two/b create absent']);
  assert.equal(selected.diagnostics, []);
  assert.is(selectActions(plan, { targets: ['one/a'] }).diagnostics.length, 1);
});

test('drift of what is not selected is not told', () => {
  const known = new Map([
    ['one/v1/ConfigMap/shop/a', 'u'],
    ['two/v1/ConfigMap/shop/b', 'u'],
  ]);
  const actions = [actionOf('one/a'), actionOf('two/b')];
  const plan = planOf({ actions, seen: { 'one/a': absent, 'two/b': absent }, known });
  const found = (request: PlanRequest) => selectActions(plan, request).drift.map(({ address }) => address);
  assert.equal(found({ targets: ['two/b'] }), ['two/v1/ConfigMap/shop/b']);
  assert.equal(found({ excludes: ['two/**'] }), ['one/v1/ConfigMap/shop/a']);
});

test('an effect without objects is taken and left with its action', () => {
  const address = actionOf('one/address', { objects: [], effect: { type: 'await-address', cluster: 'one' } });
  const plan = planOf({ actions: [address, actionOf('two/b')], seen: { 'two/b': absent } });
  assert.equal(changed(selectActions(plan, { targets: ['one/address'] })), ['one/address']);
  assert.equal(changed(selectActions(plan, { targets: ['two/b'] })), ['two/b']);
});

const misses: [pattern: string, hint: RegExp][] = [
  ['one/tpo', /did you mean `one\/top`/],
  ['one', /did you mean `one\/\*\*`/],
  ['apps/v1/Deployment/shop/alone', /called alone: two\/alone, two\/v1\/ConfigMap\/shop\/alone/],
  ['nowhere/**', /\*\* for any parts/],
];
for (const [pattern, hint] of misses) {
  test(`${pattern} means nothing, and the hint says more`, () => {
    for (const request of [{ targets: ['one/top', pattern] }, { excludes: [pattern] }]) {
      try {
        selectActions(scene(), request);
        assert.unreachable();
      } catch (error) {
        assert.instance(error, InvalidInputError);
        const { diagnostics, exitCode } = error as InvalidInputError;
        assert.equal([exitCode, diagnostics.length, diagnostics[0]?.code], [3, 1, 'target-no-match']);
        assert.match(diagnostics[0]?.message ?? '', pattern);
        assert.match(diagnostics[0]?.hint ?? '', hint);
      }
    }
  });
}

test('what is declared may be named though a removal found it gone, and removals though there are none', () => {
  const declared: DesiredAction[] = [actionOf('one/gone')];
  assert.equal(changed(selectActions(scene(), { targets: ['one/v1/ConfigMap/shop/gone'] }, declared)), []);
  assert.is(changed(selectActions(scene(), { excludes: ['*/removal'] })).length, 5);
});

test('what is left out is told by address, so that a second look leaves it as well', () => {
  assert.equal(
    [...leftOutAddresses(selectActions(parts(), { targets: [inMany('y')] }))],
    [inMany('x'), 'one/v1/ConfigMap/shop/after'],
  );
});

const wholes: [what: string, open: string, kind: DesiredAction['kind'], whole: string[]][] = [
  ['a workload is no part of membership', 'one/workload/x', 'workload', ['one', 'two']],
  ['a remote without its data plane', 'two/data-plane', 'data-plane', ['one']],
  [
    'a remote without its remote secret, which lies in the primary',
    'one/federate/two',
    'federation',
    ['one'],
  ],
  ['a primary without its control plane takes its remotes along', 'one/control-plane', 'control-plane', []],
  ['a mesh without a root', 'mesh/root-ca', 'root-ca', []],
];
for (const [what, open, kind, whole] of wholes) {
  test(`whole clusters: ${what}`, () => {
    const plan = planOf({ actions: [actionOf(open, { kind }), actionOf('one/z')], seen: { [open]: absent } });
    const selected = selectActions(plan, { targets: ['one/z'] });
    assert.equal(
      wholeClusters(selected, mesh.clusters).map(({ name }) => name),
      whole,
    );
    assert.is(wholeClusters(plan, mesh.clusters).length, 2);
  });
}

/** Plans over random graphs: each action after some of those before it, each with or without changes. */
const plans = fc
  .array(fc.record({ after: fc.array(fc.nat(), { maxLength: 3 }), isNew: fc.boolean() }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((nodes) => {
    const idOf = (index: number) => `${index % 2 === 0 ? 'one' : 'two'}/a${index}`;
    const actions = nodes.map(({ after }, index) => {
      const earlier = index === 0 ? [] : [...new Set(after.map((item) => idOf(item % index)))];
      return actionOf(`${idOf(index)}${earlier.length > 0 ? `<${earlier.join(',')}` : ''}`);
    });
    const seen = nodes.flatMap(({ isNew }, index) => (isNew ? [[idOf(index), absent] as const] : []));
    return planOf({ actions, seen: Object.fromEntries(seen) });
  });
const picks = fc.array(fc.nat(), { maxLength: 4 });
const named = (plan: Plan, indices: number[]) =>
  indices.map((index) => {
    const action = plan.actions[index % plan.actions.length];
    return index % 3 === 0 ? (action?.objects[0]?.address ?? '') : (action?.id ?? '');
  });

test('whatever is asked, nothing is done before what it needs, and nothing is lost', () => {
  fc.assert(
    fc.property(plans, picks, picks, (plan, targetPicks, excludePicks) => {
      const [targets, excludes] = [named(plan, targetPicks), named(plan, excludePicks)];
      const selected = selectActions(plan, { targets, excludes });
      const before = new Map(plan.actions.map((action) => [action.id, action]));
      const doing = new Set(changed(selected));
      // The same actions, objects and edges in the same order.
      const shape = ({ actions }: Plan) =>
        actions.map(({ id, after, objects }) => [id, after, objects.map((item) => item.address)]);
      assert.equal(shape(selected), shape(plan));
      for (const id of doing) {
        const queue = [id];
        for (const current of queue) {
          const action = before.get(current);
          if (action?.change !== 'noop') assert.ok(doing.has(current), `${id} is done without ${current}`);
          for (const earlier of action?.after ?? []) if (!queue.includes(earlier)) queue.push(earlier);
        }
      }
      for (const { id, objects } of selected.actions) {
        if (excludes.includes(id) || objects.some(({ address }) => excludes.includes(address)))
          assert.not(doing.has(id), `${id} is excluded`);
      }
      for (const { id, change, reason } of selected.actions) {
        const was = before.get(id);
        if (change === 'noop' && was?.change !== 'noop') assert.is(reason, 'not-selected');
        else assert.equal([change, reason], [was?.change, was?.reason]);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('an exclusion of nothing that changes leaves the plan as it is', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const idle = plan.actions.filter(({ change }) => change === 'noop').map(({ id }) => id);
      if (idle.length > 0) assert.equal(changed(selectActions(plan, { excludes: idle })), changed(plan));
    }),
    { numRuns: 300 },
  );
});

test.run();
