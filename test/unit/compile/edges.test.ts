import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import type { ResolvedWorkload } from '../../../src/model/resolved-mesh.js';
import {
  action,
  ancestors,
  clusterOf,
  compiled,
  crdOf,
  deployment,
  injected,
  meshOf,
  workload,
} from './support.js';

const test = suite('compile: edges that follow from the objects');

const custom = (kind: string, name: string, namespace = 'shop'): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind,
  metadata: { name, namespace },
});

const compiledWith = (workloads: ResolvedWorkload[]) =>
  compiled(
    meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')], {
      namespaces: [injected('shop', ['one', 'two'])],
      workloads,
    }),
  );

const widgets = crdOf('example.com', 'Widget');
const gears = crdOf('example.com', 'Gear');

test('a custom resource comes after the CRD that another workload brings, and waits until it is served', () => {
  const actions = compiledWith([
    workload('uses.yaml', [custom('Widget', 'a')], ['two']),
    workload('brings.yaml', [widgets, deployment('operator', 'shop')], ['two']),
  ]);
  const { after, gates } = action(actions, 'two/workload/uses');
  assert.ok(after.includes('two/crds/brings'));
  assert.equal(gates, [{ type: 'crds-established', cluster: 'two', names: ['widgets.example.com'] }]);
  assert.not.ok(after.includes('two/workload/brings'));
});

test('a CRD of another cluster is no edge', () => {
  const actions = compiledWith([
    workload('uses.yaml', [custom('Widget', 'a')], ['one']),
    workload('brings.yaml', [widgets], ['two']),
  ]);
  assert.is(action(actions, 'one/workload/uses').gates, undefined);
  assert.not.ok([...ancestors(actions, 'one/workload/uses')].includes('two/crds/brings'));
});

test('workloads that bring kinds for each other are no circle', () => {
  const actions = compiledWith([
    workload('a.yaml', [widgets, custom('Gear', 'g')], ['two']),
    workload('b.yaml', [gears, custom('Widget', 'w')], ['two']),
  ]);
  assert.ok(ancestors(actions, 'two/workload/a').has('two/crds/b'));
  assert.ok(ancestors(actions, 'two/workload/b').has('two/crds/a'));
});

test('a CRD and its custom resource in one manifest are two steps; a CRD alone is one', () => {
  const both = compiledWith([workload('x.yaml', [custom('Widget', 'a'), widgets], ['two'])]);
  assert.equal(
    action(both, 'two/crds/x').objects.map(({ object }) => object.kind),
    ['CustomResourceDefinition'],
  );
  assert.equal(
    action(both, 'two/workload/x').objects.map(({ object }) => object.kind),
    ['Widget'],
  );
  const alone = compiledWith([workload('x.yaml', [widgets], ['two'])]);
  assert.not.ok(alone.some(({ id }) => id === 'two/workload/x'));
});

test('CRDs wait for nothing, not even for istiod', () => {
  assert.equal(action(compiledWith([workload('x.yaml', [widgets], ['two'])]), 'two/crds/x').after, []);
});

test('the CRD that two workloads bring is applied by the first, and both wait for it', () => {
  const actions = compiledWith([
    workload('a.yaml', [widgets], ['two']),
    workload('b.yaml', [widgets, custom('Widget', 'w')], ['two']),
  ]);
  assert.is(action(actions, 'two/crds/b').objects.length, 0);
  assert.ok(ancestors(actions, 'two/workload/b').has('two/crds/a'));
});

test('whatever lives in a namespace of the plan comes after it', () => {
  const actions = compiledWith([workload('x.yaml', [deployment('web', 'shop')], ['two'])]);
  assert.ok(action(actions, 'two/workload/x').after.includes('two/namespace/shop'));
});

test('objects keep the place where their manifest declares them', () => {
  const made = workload('x.yaml', [], ['two']);
  const placed = [widgets, custom('Widget', 'a')].map((object, index) => ({
    object,
    source: { file: 'x.yaml', line: [3, 20][index] ?? 0, column: 1 },
  }));
  const actions = compiledWith([{ ...made, objects: new Map([['two', placed]]) }]);
  assert.is(action(actions, 'two/crds/x').objects[0]?.source?.line, 3);
  assert.is(action(actions, 'two/workload/x').objects[0]?.source?.line, 20);
});

test.run();
