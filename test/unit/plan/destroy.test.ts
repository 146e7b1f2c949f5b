import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DesiredAction } from '../../../src/model/action.js';
import type { Diagnostic } from '../../../src/model/diagnostic.js';
import type { Facts } from '../../../src/model/facts.js';
import { addressOf, type KubeObject, refOf } from '../../../src/model/kube.js';
import type { Plan } from '../../../src/model/plan.js';
import type { RemovalReading } from '../../../src/observe/removal.js';
import { buildDestroyPlan } from '../../../src/plan/destroy.js';
import { hasChanges } from '../../../src/plan/plan.js';
import { compiled, exampleMesh, fullFacts } from '../compile/support.js';
import { actionOf, changesOf, configMap, mesh, owned, ownedMap } from './support.js';

const example = await exampleMesh('primary-remote');
const exampleActions = compiled(example, fullFacts(example));

/** Everything that the actions declare is there and ours. */
const allOf = (actions: DesiredAction[]) =>
  ownedMap(...actions.flatMap((action) => action.objects.map((item) => owned(item.cluster, item.object))));

const reading = (fields: Partial<RemovalReading> = {}): RemovalReading => ({
  ours: new Map(),
  foreign: new Map(),
  leftovers: new Map(),
  shared: [],
  unread: [],
  lost: new Map(),
  ...fields,
});

function destroyExample(fields: Partial<RemovalReading> = {}, facts: Facts = fullFacts(example)): Plan {
  const removal = reading({ ours: allOf(exampleActions), ...fields });
  const known = new Map<string, string>();
  return buildDestroyPlan({ mesh: example, actions: exampleActions, facts, known, diagnostics: [], removal });
}

const destroyFew = (actions: DesiredAction[], removal: RemovalReading, diagnostics: Diagnostic[] = []) =>
  buildDestroyPlan({ mesh, actions, facts: fullFacts(mesh), known: new Map(), diagnostics, removal });

/** Ids of all that is removed before an action. */
function before(plan: Plan, id: string): Set<string> {
  const found = new Set<string>();
  const visit = (current: string) => {
    for (const earlier of plan.actions.find((action) => action.id === current)?.after ?? []) {
      if (found.has(earlier)) continue;
      found.add(earlier);
      visit(earlier);
    }
  };
  visit(id);
  return found;
}

const test = suite('plans of removal');

test('every edge of the making is turned round, also those through actions without objects', () => {
  const plan = destroyExample();
  for (const { id, after } of exampleActions)
    for (const needed of after) assert.ok(before(plan, needed).has(id), `${needed} goes before ${id}`);
});

test('istiod-external goes after all that reaches istiod through it', () => {
  const earlier = before(destroyExample(), 'cluster-1/exposure');
  for (const id of ['cluster-1/control-plane', 'cluster-2/data-plane']) assert.ok(earlier.has(id), id);
});

test('actions stand in an order in which they can be done', () => {
  const seen = new Set<string>();
  for (const { id, after } of destroyExample().actions) {
    for (const needed of after) assert.ok(seen.has(needed), `${id} stands before ${needed}`);
    seen.add(id);
  }
});

test('all that is ours is deleted, each bound to its UID, and counted', () => {
  const plan = destroyExample();
  const objects = plan.actions.flatMap((action) => action.objects);
  assert.ok(
    objects.every((object) => object.change === 'delete' && object.uid !== undefined && object.force),
  );
  assert.is(objects.length, allOf(exampleActions).size);
  assert.is(plan.mode, 'destroy');
  assert.ok(plan.summary.delete >= objects.length);
  assert.is(plan.summary.create + plan.summary.update + plan.summary.blocked, 0);
});

test('nothing of ours anywhere: nothing to do', () => {
  const plan = destroyExample({ ours: new Map() });
  assert.is(hasChanges(plan), false);
  assert.is(plan.summary.delete, 0);
});

test('what is not ours is not in the plan, though it is declared', () => {
  const plan = destroyFew(
    [actionOf('one/a'), actionOf('one/b')],
    reading({ ours: ownedMap(owned('one', configMap('b'))) }),
  );
  assert.equal(changesOf(plan), ['one/b delete destroy']);
});

test('what left mesh.yaml and holds objects of others stays in the plan, so that it is not taken for gone', () => {
  const crd = { ...configMap('gone'), kind: 'CustomResourceDefinition' };
  const address = addressOf(refOf('one', crd));
  const removal = reading({ ours: ownedMap(owned('one', crd)), foreign: new Map([[address, ['x']]]) });
  const [action] = destroyFew([], removal).actions;
  assert.is(`${action?.id} ${action?.change} ${action?.reason}`, 'one/removal noop holds-foreign-objects');
  assert.equal(
    action?.objects.map((object) => object.address),
    [address],
  );
});

test("istiod's leftovers go after its rights in the cluster, and before Istio's namespace", () => {
  const plan = destroyExample();
  const sweeps = plan.actions.filter((action) => action.id.endsWith('/istiod-leftovers'));
  assert.equal(sweeps.map((action) => action.id).sort(), [
    'cluster-1/istiod-leftovers',
    'cluster-2/istiod-leftovers',
  ]);
  assert.ok(before(plan, 'cluster-1/istiod-leftovers').has('cluster-1/control-plane'));
  const beforeRemote = before(plan, 'cluster-2/istiod-leftovers');
  assert.ok(beforeRemote.has('cluster-2/data-plane'));
  assert.not.ok(beforeRemote.has('cluster-1/control-plane'), 'a remote may go without its primary');
  for (const cluster of ['cluster-1', 'cluster-2'])
    assert.ok(before(plan, `${cluster}/namespace/istio-system`).has(`${cluster}/istiod-leftovers`), cluster);
});

test('leftovers that are seen are listed, also where istiod itself is gone already', () => {
  const root: KubeObject = {
    ...configMap('istio-ca-root-cert'),
    metadata: { name: 'istio-ca-root-cert', namespace: 'default', uid: 'u1' },
  };
  const plan = destroyExample({ ours: new Map(), leftovers: new Map([['cluster-2', [root]]]) });
  assert.equal(changesOf(plan), ['cluster-2/istiod-leftovers delete destroy']);
  const [sweep] = plan.actions.filter((action) => action.change === 'delete');
  assert.equal(
    sweep?.objects.map(({ address, uid }) => `${address} ${uid}`),
    ['cluster-2/v1/ConfigMap/default/istio-ca-root-cert u1'],
  );
});

test('CRDs and namespaces that hold objects of others stay, and the plan says whose', () => {
  const crd = addressOf(refOf('cluster-1', objectOf('cluster-1/crds')));
  const namespace = addressOf(refOf('cluster-2', objectOf('cluster-2/namespace/production')));
  const others = ['Pod/a', 'Pod/b', 'Pod/c', 'Pod/d', 'Pod/e', 'Pod/f', 'Pod/g'];
  const plan = destroyExample({
    foreign: new Map([
      [crd, ['prod/theirs']],
      [namespace, others],
    ]),
  });
  for (const id of ['cluster-1/crds', 'cluster-2/namespace/production']) {
    const action = plan.actions.find((item) => item.id === id);
    assert.equal([action?.change, action?.reason], ['noop', 'holds-foreign-objects']);
    assert.equal(
      action?.objects.map(({ change, reason, patch }) => ({ change, reason, patch })),
      [{ change: 'noop', reason: 'holds-foreign-objects', patch: [] }],
    );
  }
  const messages = plan.diagnostics.map((item) => `${item.severity} ${item.code} ${item.message}`);
  assert.is(messages.length, 2);
  assert.match(messages[0] ?? '', /^warning holds-foreign-objects .*virtualservices.*: prod\/theirs$/);
  assert.match(messages[1] ?? '', /Pod\/a, Pod\/b, Pod\/c, Pod\/d, Pod\/e and 2 more$/);
});

test('of several objects only the one that holds others stays', () => {
  const pair = actionOf('one/a', {
    objects: [configMap('x'), configMap('y')].map((object) => ({ cluster: 'one', object })),
  });
  const plan = destroyFew(
    [pair],
    reading({ ours: allOf([pair]), foreign: new Map([['one/v1/ConfigMap/shop/x', ['z']]]) }),
  );
  assert.equal(
    plan.actions[0]?.objects.map((object) => `${object.name} ${object.change}`),
    ['x noop', 'y delete'],
  );
  assert.is(plan.actions[0]?.change, 'delete');
});

test('a namespace that was there before meshplan is given back, not deleted', () => {
  const shared = objectOf('cluster-1/namespace/production');
  const ours = allOf(exampleActions);
  ours.delete(addressOf(refOf('cluster-1', shared)));
  const plan = destroyExample({ ours, shared: [{ cluster: 'cluster-1', object: shared }] });
  const action = plan.actions.find((item) => item.id === 'cluster-1/namespace/production');
  assert.equal([action?.change, action?.reason, action?.impact], ['update', 'destroy', 'new-pods']);
  assert.equal(
    action?.objects.map(({ change, shared, force }) => ({ change, shared, force })),
    [{ change: 'update', shared: true, force: false }],
  );
});

test('what left mesh.yaml goes first', () => {
  const ours = ownedMap(
    owned('one', configMap('a')),
    owned('one', configMap('old')),
    owned('two', configMap('old')),
  );
  const plan = destroyFew([actionOf('one/a')], reading({ ours }));
  assert.equal(changesOf(plan), [
    'one/removal delete destroy',
    'two/removal delete destroy',
    'one/a delete destroy',
  ]);
  assert.equal(plan.actions.at(-1)?.after, ['one/removal', 'two/removal']);
});

test('what left mesh.yaml but holds objects of others stays', () => {
  const ours = ownedMap(owned('one', configMap('old')));
  const plan = destroyFew([], reading({ ours, foreign: new Map([['one/v1/ConfigMap/shop/old', ['z']]]) }));
  assert.equal(changesOf(plan), []);
  assert.is(plan.diagnostics[0]?.code, 'holds-foreign-objects');
});

test('errors of the making do not stop the removal, warnings stay, another cluster behind the name does stop it', () => {
  const finding = (severity: 'error' | 'warning', code: string): Diagnostic => ({
    severity,
    code,
    message: code,
  });
  const plan = destroyFew([actionOf('one/a')], reading(), [
    finding('error', 'ca-key-missing'),
    finding('warning', 'exposure-open'),
    finding('error', 'cluster-changed'),
    finding('error', 'cluster-twice'),
  ]);
  assert.equal(
    plan.diagnostics.map((item) => item.code),
    ['exposure-open', 'cluster-changed', 'cluster-twice'],
  );
});

test('a cluster that cannot be read is named with its reason', () => {
  const facts = fullFacts(example);
  facts.clusters['cluster-2'] = { reachable: false, server: 'https://two', error: 'cluster-2: refused' };
  const plan = destroyExample({ ours: new Map() }, facts);
  assert.is(plan.complete, false);
  assert.match(plan.diagnostics[0]?.message ?? '', 'cluster-2: refused');
});

test('deleted Secrets are marked as sensitive and tell nothing', () => {
  const plan = destroyExample();
  const secrets = plan.actions
    .flatMap((action) => action.objects)
    .filter((object) => object.kind === 'Secret');
  assert.ok(secrets.length >= 4);
  for (const { sensitive, patch } of secrets)
    assert.equal({ sensitive, patch }, { sensitive: true, patch: [{ op: 'remove', path: '' }] });
});

/** The first object of an action of the example. */
function objectOf(id: string): KubeObject {
  const [first] = exampleActions.find((action) => action.id === id)?.objects ?? [];
  if (!first) throw new Error(`no object in ${id}`);
  return first.object;
}

test.run();
