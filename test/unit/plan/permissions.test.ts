import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReachableCluster } from '../../../src/model/facts.js';
import type { Permission } from '../../../src/model/permission.js';
import type { Observation } from '../../../src/observe/observe.js';
import { permissionFindings, permissionsOf } from '../../../src/plan/permissions.js';
import { fullFacts } from '../compile/support.js';
import { actionOf, configMap, inSync, live, mesh, owned, ownedMap, planOf } from './support.js';

const test = suite('rights that a plan takes');

const facts = fullFacts(mesh);
(facts.clusters.one as ReachableCluster).resources = [
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true, verbs: [] },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true, verbs: [] },
];

const rightsOf = (plan: ReturnType<typeof planOf>, actions = [actionOf('one/a')]) =>
  permissionsOf(plan, actions, facts).map(
    ({ verb, group, resource, namespace, name }) =>
      `${verb} ${resource}${group ? `.${group}` : ''} ${namespace ?? '-'} ${name}`,
  );

const a = configMap('a');
const changes: [string, Observation, string[]][] = [
  ['nothing to do', inSync(a), []],
  ['a new object', { type: 'absent' }, ['create configmaps shop a', 'patch configmaps shop a']],
  [
    'a change',
    { type: 'present', live: live(a), predicted: live(configMap('a', { x: 'y' })), ours: true },
    ['patch configmaps shop a'],
  ],
  [
    'a change that is decided later',
    { type: 'unpredictable', live: live(a), ours: true, why: 'x' },
    ['patch configmaps shop a'],
  ],
  [
    'an object that is made anew',
    { type: 'immutable', live: live(a), message: 'x', fields: [] },
    ['get', 'delete', 'create', 'patch'].map((verb) => `${verb} configmaps shop a`),
  ],
  ['what could not be read', { type: 'unread', reason: 'forbidden', message: 'x' }, []],
  ['what is blocked', { type: 'conflict', live: live(a), causes: [] }, []],
];
for (const [title, seen, expected] of changes) {
  test(title, () => {
    const actions = [actionOf('one/a')];
    assert.equal(rightsOf(planOf({ actions, seen: { 'one/a': seen }, facts }), actions), expected);
  });
}

test('a delete', () => {
  const plan = planOf({ actions: [], ours: ownedMap(owned('one', a)), facts });
  assert.equal(rightsOf(plan, []), ['get configmaps shop a', 'delete configmaps shop a']);
});

test('an object of a kind that comes with the same plan, by the CRD that brings it', () => {
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Gadget', plural: 'gadgets' },
      scope: 'Namespaced',
      versions: [{ name: 'v1' }],
    },
  };
  const gadget = { ...a, apiVersion: 'example.com/v1', kind: 'Gadget' };
  const actions = [
    actionOf('one/crd', { objects: [{ cluster: 'one', object: crd }] }),
    actionOf('one/gadget', { objects: [{ cluster: 'one', object: gadget }] }),
  ];
  const seen: Record<string, Observation> = { 'one/gadget': { type: 'absent' } };
  assert.equal(rightsOf(planOf({ actions, seen, facts }), actions), [
    'create gadgets.example.com shop a',
    'patch gadgets.example.com shop a',
  ]);
});

test('a right that two actions need is asked about once', () => {
  const actions = [actionOf('one/a'), { ...actionOf('one/b'), objects: [{ cluster: 'one', object: a }] }];
  const plan = planOf({ actions, seen: { 'one/a': { type: 'absent' }, 'one/b': { type: 'absent' } }, facts });
  const needed = permissionsOf(plan, actions, facts);
  assert.equal(
    needed.map(({ verb, actions }) => `${verb}: ${actions.join(' ')}`),
    ['create: one/a one/b', 'patch: one/a one/b'],
  );
});

test('what is missing is told by kind and namespace, with user, verbs and actions', () => {
  const right = (verb: Permission['verb'], name: string): Permission => ({
    cluster: 'one',
    verb,
    group: 'apps',
    resource: 'deployments',
    namespace: 'shop',
    name,
    actions: [`one/workload/${name}`],
  });
  const findings = permissionFindings(
    [right('create', 'x'), right('patch', 'x'), right('patch', 'y')],
    new Map([['one', 'night']]),
    'error',
  );
  assert.equal(
    findings.map(({ severity, code, message }) => ({ severity, code, message })),
    [
      {
        severity: 'error',
        code: 'permission-missing',
        message:
          'cluster one: user night may not create, patch deployments.apps in namespace shop, which one/workload/x, one/workload/y need',
      },
    ],
  );
});

test.run();
