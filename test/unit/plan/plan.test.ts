import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exitCodeOf } from '../../../src/cli/commands/plan.js';
import type { DesiredAction, DesiredObject } from '../../../src/model/action.js';
import type { Facts } from '../../../src/model/facts.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { MESH_LABEL } from '../../../src/model/names.js';
import type { Plan } from '../../../src/model/plan.js';
import type { Observation } from '../../../src/observe/observe.js';
import { changeOf, hasChanges } from '../../../src/plan/plan.js';
import { fullFacts } from '../compile/support.js';
import { actionOf, changesOf, configMap, live, mesh, owned, ownedMap, planOf } from './support.js';

const absent: Observation = { type: 'absent' };
const conflict: Observation & { type: 'conflict' } = {
  type: 'conflict',
  live: live(configMap('a')),
  causes: [{ field: '.data.a', message: 'conflict with "helm"' }],
};
const unreachable: Observation = { type: 'unreachable' };
const forbidden: Observation = { type: 'unread', reason: 'forbidden', message: 'no' };

/** Facts where cluster two cannot be read. */
function halfRead(): Facts {
  const facts = fullFacts(mesh);
  facts.clusters.two = { reachable: false, server: 'https://two', error: 'two: refused', hint: 'start it' };
  return facts;
}

const test = suite('plans');

test('nothing to do', () => {
  const plan = planOf({ actions: [actionOf('one/a'), actionOf('two/b<one/a')] });
  assert.equal(changesOf(plan), []);
  assert.is(hasChanges(plan), false);
  assert.equal(plan.summary, {
    create: 0,
    update: 0,
    replace: 0,
    delete: 0,
    noop: 2,
    unknown: 0,
    blocked: 0,
  });
  assert.is(plan.complete, true);
  assert.is(plan.mode, 'apply');
});

const blocks: [title: string, actions: string[], seen: Record<string, Observation>, changes: string[]][] = [
  [
    'directly',
    ['one/a', 'one/b<one/a'],
    { 'one/a': conflict, 'one/b': absent },
    ['one/a blocked conflict', 'one/b blocked dependency-blocked'],
  ],
  [
    'through others',
    ['one/a', 'one/b<one/a', 'one/c<one/b'],
    { 'one/a': conflict, 'one/b': absent, 'one/c': absent },
    ['one/a blocked conflict', 'one/b blocked dependency-blocked', 'one/c blocked dependency-blocked'],
  ],
  [
    'through one that has nothing to change',
    ['one/a', 'one/b<one/a', 'one/c<one/b'],
    { 'one/a': conflict, 'one/c': absent },
    ['one/a blocked conflict', 'one/c blocked dependency-blocked'],
  ],
  [
    'never what has nothing to change',
    ['one/a', 'one/b<one/a'],
    { 'one/a': conflict },
    ['one/a blocked conflict'],
  ],
  [
    'never what stands beside',
    ['one/a', 'one/b'],
    { 'one/a': conflict, 'one/b': absent },
    ['one/a blocked conflict', 'one/b create absent'],
  ],
  [
    'from a cluster that cannot be read',
    ['two/a', 'one/b<two/a', 'one/c'],
    { 'two/a': unreachable, 'one/b': absent, 'one/c': absent },
    ['two/a unknown cluster-unreachable', 'one/b blocked dependency-blocked', 'one/c create absent'],
  ],
  [
    'from a kind that may not be read',
    ['one/a', 'one/b<one/a', 'one/c'],
    { 'one/a': forbidden, 'one/b': absent, 'one/c': absent },
    ['one/a unknown forbidden', 'one/b blocked dependency-blocked', 'one/c create absent'],
  ],
];
for (const [title, actions, seen, changes] of blocks) {
  test(`a block reaches what depends on it, ${title}`, () => {
    assert.equal(changesOf(planOf({ actions: actions.map((text) => actionOf(text)), seen })), changes);
  });
}

test('the summary counts objects, as blocked where their action is, and empty actions as one', () => {
  const many = actionOf('one/many', {
    objects: ['x', 'y', 'z'].map((name) => ({ cluster: 'one', object: configMap(name) })),
  });
  const address = actionOf('one/address', { objects: [], effect: { type: 'await-address', cluster: 'one' } });
  const root = actionOf('mesh/root-ca', { kind: 'root-ca', objects: [], effect: { type: 'ensure-root' } });
  const plan = planOf({
    actions: [many, root, address, actionOf('one/a'), actionOf('one/b<one/a')],
    seen: { 'one/many': absent, 'one/a': conflict, 'one/b': absent },
  });
  assert.equal(plan.summary, {
    create: 4,
    update: 0,
    replace: 0,
    delete: 0,
    noop: 0,
    unknown: 1,
    blocked: 2,
  });
});

const objects = (...changes: string[]) =>
  changes.map((text) => {
    const [change, reason = 'absent'] = text.split(' ');
    return { change, reason };
  }) as Parameters<typeof changeOf>[1];
const effects: Record<string, DesiredAction['effect']> = {
  root: { type: 'ensure-root' },
  address: { type: 'await-address', cluster: 'one' },
};
const verdicts: [effect: string, objects: string[], change: string, reason: string][] = [
  ['none', [], 'noop', 'in-sync'],
  ['none', ['noop', 'noop'], 'noop', 'in-sync'],
  ['none', ['create', 'create'], 'create', 'absent'],
  ['none', ['create', 'noop'], 'update', 'absent'],
  ['none', ['noop', 'update changed-outside'], 'update', 'changed-outside'],
  ['none', ['create', 'replace immutable-field'], 'replace', 'immutable-field'],
  ['none', ['create', 'unknown awaits-value'], 'unknown', 'awaits-value'],
  ['none', ['replace immutable-field', 'unknown awaits-value', 'blocked conflict'], 'blocked', 'conflict'],
  ['root', [], 'create', 'absent'],
  ['address', [], 'unknown', 'awaits-value'],
  ['address', ['noop'], 'unknown', 'awaits-value'],
  ['address', ['create'], 'create', 'absent'],
];
for (const [effect, given, change, reason] of verdicts) {
  test(`an action of ${given.join(', ') || 'no objects'} with effect ${effect}: ${change}, ${reason}`, () => {
    const found = effects[effect];
    assert.equal(changeOf(found ? { effect: found } : {}, objects(...given)), { change, reason });
  });
}

test('what an interrupted removal took away was not deleted outside', () => {
  const [actions, seen] = [[actionOf('one/a')], { 'one/a': absent }];
  const address = 'one/v1/ConfigMap/shop/a';
  const known = new Map([[address, 'uid-of-a']]);
  assert.equal(changesOf(planOf({ actions, seen, known })), ['one/a create deleted-outside']);
  const plan = planOf({ actions, seen, known, leaving: new Set([address]) });
  assert.equal(changesOf(plan), ['one/a create absent']);
  assert.equal(plan.drift, []);
});

test('what a remote may still lean on is deleted after the remotes have moved, in one order', () => {
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'istiod-external', namespace: 'istio-system' },
  };
  const actions = [actionOf('one/a'), actionOf('two/move', { kind: 'data-plane' }), actionOf('two/b')];
  const removalOf = (...objects: KubeObject[]) =>
    planOf({ actions, ours: ownedMap(...objects.map((object) => owned('one', object))) }).actions.find(
      ({ id }) => id === 'one/removal',
    );
  assert.equal(removalOf(configMap('z'))?.after, ['one/a']);
  assert.equal(removalOf(service)?.after, ['one/a', 'two/move']);
  const order = removalOf(configMap('z'), service, configMap('y'))?.objects.map(({ name }) => name);
  assert.equal(order, ['y', 'z', 'istiod-external']);
});

test('a remote secret goes once its cluster has come to another istiod, its own one included', () => {
  const secretOf = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `istio-remote-secret-${name}`, namespace: 'istio-system' },
  });
  const actions = [
    actionOf('one/a'),
    actionOf('two/control-plane', { kind: 'control-plane' }),
    actionOf('two/federate/three', { kind: 'federation' }),
    actionOf('three/data-plane', { kind: 'data-plane' }),
    actionOf('four/data-plane', { kind: 'data-plane' }),
  ];
  const afterLossOf = (...names: string[]) =>
    planOf({ actions, ours: ownedMap(...names.map((name) => owned('one', secretOf(name)))) }).actions.find(
      ({ id }) => id === 'one/removal',
    )?.after;
  assert.equal(afterLossOf('three'), ['one/a', 'two/federate/three', 'three/data-plane']);
  assert.equal(afterLossOf('two'), ['one/a', 'two/control-plane']);
});

test('what controllers made for the Service istiod of a former primary goes with what left mesh.yaml', () => {
  const slice: KubeObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'istiod-x7k2p', namespace: 'istio-system' },
  };
  const istiod: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'istiod', namespace: 'istio-system' },
  };
  const removal = planOf({
    actions: [actionOf('two/a')],
    ours: ownedMap(owned('two', istiod)),
    left: ownedMap(owned('two', slice)),
  }).actions.find(({ id }) => id === 'two/removal');
  assert.equal(
    removal?.objects.map(({ name, change, reason }) => `${name} ${change} ${reason}`),
    ['istiod delete not-declared', 'istiod-x7k2p delete left-by-controller'],
  );
  assert.match(
    removal?.notes?.join() ?? '',
    /istiod of two ends first, and the proxies that it led connect to one/,
  );
});

test('a workload that moves to another cluster runs there before it is deleted here', () => {
  const actions = [
    actionOf('one/a'),
    actionOf('two/workload', {
      kind: 'workload',
      objects: [{ cluster: 'two', object: configMap('moved') }],
    }),
    actionOf('two/b'),
  ];
  const ours = ownedMap(owned('one', configMap('moved')));
  const removalIn = (input: Partial<Parameters<typeof planOf>[0]> = {}) =>
    planOf({ actions, ours, ...input }).actions.find(({ id }) => id === 'one/removal');
  assert.equal(removalIn()?.after, ['one/a', 'two/workload']);
  // Nothing is taken away for a place that cannot be reached; what ran there already is no move.
  const seen = { 'two/workload': { type: 'unreachable' as const } };
  assert.is(removalIn({ seen })?.change, 'blocked');
  const known = new Map([['two/v1/ConfigMap/shop/moved', 'uid-of-moved']]);
  assert.equal(removalIn({ seen, known })?.after, ['one/a']);
});

test('what is ours and no longer declared is deleted last in its cluster, bound to its UID', () => {
  const plan = planOf({
    actions: [actionOf('one/a'), actionOf('two/b'), actionOf('one/c')],
    ours: ownedMap(
      owned('one', configMap('a')),
      owned('one', configMap('old')),
      owned('two', configMap('older')),
    ),
  });
  assert.equal(changesOf(plan), ['one/removal delete not-declared', 'two/removal delete not-declared']);
  const [removal] = plan.actions.filter((action) => action.id === 'one/removal');
  assert.equal(removal?.after, ['one/a', 'one/c']);
  assert.equal(
    removal?.objects.map(({ address, uid, change }) => `${change} ${address} ${uid}`),
    ['delete one/v1/ConfigMap/shop/old uid-of-old'],
  );
  assert.is(plan.summary.delete, 2);
});

test('of a claim that goes the plan says that its data goes too', () => {
  const claim = { ...configMap('data'), kind: 'PersistentVolumeClaim' };
  const plan = planOf({ actions: [], ours: ownedMap(owned('one', claim), owned('one', configMap('old'))) });
  assert.equal(
    plan.actions.flatMap(({ objects }) => objects).map(({ name, notes = [] }) => `${name}: ${notes.length}`),
    ['old: 0', 'data: 1'],
  );
});

test('nothing is taken away while something in that cluster is blocked', () => {
  const plan = planOf({
    actions: [actionOf('one/a')],
    seen: { 'one/a': conflict },
    ours: ownedMap(owned('one', configMap('old'))),
  });
  assert.equal(changesOf(plan), ['one/a blocked conflict', 'one/removal blocked dependency-blocked']);
});

test('a cluster that cannot be read makes the plan incomplete, with the reason and a hint', () => {
  const plan = planOf({ actions: [actionOf('two/a')], seen: { 'two/a': unreachable }, facts: halfRead() });
  assert.is(plan.complete, false);
  assert.equal(plan.clusters[1], {
    name: 'two',
    uid: '',
    server: 'https://two',
    version: '',
    reachable: false,
    error: 'two: refused',
  });
  const [finding] = plan.diagnostics;
  assert.equal(
    [finding?.severity, finding?.code, finding?.hint],
    ['warning', 'cluster-unreachable', 'start it'],
  );
});

test('a primary that cannot be read comes with the remotes that can take its place', () => {
  const facts = fullFacts(mesh);
  facts.clusters.one = { reachable: false, server: 'https://one', error: 'one: refused', hint: 'start it' };
  const plan = planOf({ actions: [actionOf('one/a')], seen: { 'one/a': unreachable }, facts });
  assert.match(plan.diagnostics[0]?.hint ?? '', /^start it .*meshplan promote two/);
});

test('while a root may live in a cluster that cannot be read, none is made and nothing waits for one', () => {
  const root = actionOf('mesh/root-ca', { kind: 'root-ca', objects: [], effect: { type: 'ensure-root' } });
  const plan = planOf({
    actions: [root, actionOf('one/trust<mesh/root-ca')],
    seen: { 'one/trust': absent },
    facts: { ...halfRead(), rootUndecided: true },
  });
  assert.equal(changesOf(plan), [
    'mesh/root-ca unknown cluster-unreachable',
    'one/trust blocked dependency-blocked',
  ]);
});

test('a conflict names the object, the fields and their owner', () => {
  const plan = planOf({ actions: [actionOf('one/a')], seen: { 'one/a': conflict } });
  const [finding] = plan.diagnostics;
  assert.is(finding?.code, 'field-conflict');
  assert.match(finding?.message ?? '', /^one\/v1\/ConfigMap\/shop\/a .*: helm owns data\.a$/);
  assert.match(finding?.hint ?? '', '--adopt manager:helm');
});

test('an object of another mesh is told by that mesh, and one of this mesh by who changed it', () => {
  const live = {
    ...configMap('a'),
    metadata: { name: 'a', namespace: 'shop', labels: { [MESH_LABEL]: 'm' } },
  };
  const messageOf = (seen: Observation) =>
    planOf({ actions: [actionOf('one/a')], seen: { 'one/a': seen } }).diagnostics[0]?.message ?? '';
  const { causes } = conflict;
  assert.match(messageOf({ type: 'conflict', live, otherMesh: 'mesh2', causes }), / belongs to mesh mesh2$/);
  assert.match(messageOf({ type: 'conflict', live, causes }), 'helm owns data.a');
});

test('what the API server refuses is told in its words', () => {
  const plan = planOf({
    actions: [actionOf('one/a')],
    seen: { 'one/a': { type: 'invalid', message: 'spec.x: bad', declared: true } },
  });
  assert.match(plan.diagnostics[0]?.message ?? '', 'spec.x: bad');
});

test('what is wrong as it is written has its place; what a right or a policy refuses has none', () => {
  const placesOf = (declared: boolean, own?: DesiredObject['source']) => {
    const item = { cluster: 'one', object: configMap('a'), ...(own ? { source: own } : {}) };
    const plan = planOf({
      actions: [actionOf('one/a', { objects: [item], source: { file: 'mesh.yaml', line: 9, column: 1 } })],
      seen: { 'one/a': { type: 'invalid', message: 'bad', declared } },
    });
    return plan.diagnostics.map(({ file, line }) => (file === undefined ? 'none' : `${file}:${line}`));
  };
  assert.equal(placesOf(true), ['mesh.yaml:9']);
  assert.equal(placesOf(true, { file: 'a.yaml', line: 3, column: 1 }), ['a.yaml:3']);
  assert.equal(placesOf(false), ['none']);
});

test('drift of all actions is gathered', () => {
  const known = new Map([
    ['one/v1/ConfigMap/shop/a', 'u'],
    ['two/v1/ConfigMap/shop/b', 'u'],
  ]);
  const plan = planOf({
    actions: [actionOf('one/a'), actionOf('two/b')],
    seen: { 'one/a': absent, 'two/b': absent },
    known,
  });
  assert.equal(
    plan.drift.map((entry) => entry.address),
    [...known.keys()],
  );
});

test('what is ours and declared is not taken away', () => {
  const plan = planOf({ actions: [actionOf('one/a')], ours: ownedMap(owned('one', configMap('a'))) });
  assert.equal(changesOf(plan), []);
});

type Finding = 'error with a place' | 'error without a place' | 'warning';
const codes: [
  title: string,
  findings: Finding[],
  complete: boolean,
  changes: boolean,
  plain: number,
  detailed: number,
][] = [
  ['in sync', [], true, false, 0, 0],
  ['changes', [], true, true, 0, 2],
  ['a warning', ['warning'], true, false, 0, 0],
  ['a warning and changes', ['warning'], true, true, 0, 2],
  ['incomplete', [], false, false, 4, 4],
  ['incomplete before changes', [], false, true, 4, 4],
  ['wrong input before incomplete', ['error with a place'], false, true, 3, 3],
  ['failed before wrong input', ['error with a place', 'error without a place'], false, true, 1, 1],
];
for (const [title, findings, complete, changes, plain, detailed] of codes) {
  test(`exit code, ${title}: ${plain}, detailed ${detailed}`, () => {
    const base = planOf({ actions: [actionOf('one/a')], seen: changes ? { 'one/a': absent } : {} });
    const diagnostics = findings.map((finding) => ({
      severity: finding === 'warning' ? ('warning' as const) : ('error' as const),
      code: 'x',
      message: 'x',
      ...(finding === 'error with a place' ? { file: 'mesh.yaml', line: 1, column: 1 } : {}),
    }));
    const plan: Plan = { ...base, complete, diagnostics };
    assert.equal([exitCodeOf(plan, false), exitCodeOf(plan, hasChanges(plan))], [plain, detailed]);
  });
}

test.run();
