import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { istiodPolicy, policyNotes } from '../../../src/compile/network-policy.js';
import { admits, type Caller, type PolicySpec } from '../../support/network-policy.js';
import { action, clusterOf, compiled, exampleMesh, fullFacts } from './support.js';

const test = suite('policies, compiled');

const primary = clusterOf('one', 'one', {
  controlPlane: {
    replicas: 1,
    exposure: { type: 'LoadBalancer', annotations: {}, allowFrom: ['198.51.100.0/24', '2001:db8:1::/48'] },
  },
});
const around = { nodes: ['10.0.1.0/24'], apiServers: ['172.16.0.2/32'] };
const specOf = (surroundings = around) => istiodPolicy(primary, surroundings).spec as PolicySpec;

const PORTS = [8080, 15010, 15012, 15014, 15017];
const callers: [who: string, caller: Caller, ports: number[]][] = [
  ['a remote', '198.51.100.9', [15012, 15017]],
  ['a remote by IPv6', '2001:db8:1::9', [15012, 15017]],
  ['a pod of the cluster', 'pod', [15012, 15014, 15017]],
  ['a node, or whom a load balancer hides behind it', '10.0.1.77', [15012, 15017]],
  ['an API server', '172.16.0.2', [15017]],
  ['somebody else', '203.0.113.5', []],
  ['somebody beside an API server', '172.16.0.3', []],
  ['somebody else by IPv6', '2001:db8:2::9', []],
];
for (const [who, caller, ports] of callers) {
  test(`${who} reaches ${ports.join(', ') || 'nothing'}`, () => {
    assert.equal(
      PORTS.filter((port) => admits(specOf(), caller, port)),
      ports,
    );
  });
}

test('API servers without an address are not locked out, and the plan says so', () => {
  const unknown = { ...around, apiServers: [] };
  assert.is(admits(specOf(unknown), '203.0.113.5', 15017), true);
  assert.is(admits(specOf(unknown), '203.0.113.5', 15012), false);
  assert.match(policyNotes(primary, unknown)[0] ?? '', '15017 open to all');
  assert.equal(policyNotes(primary, around), []);
});

test('nodes without an address open nothing', () => {
  const unknown = { ...around, nodes: [] };
  assert.is(admits(specOf(unknown), '203.0.113.5', 15012), false);
  assert.is(admits(specOf(unknown), '10.0.1.77', 15012), false);
});

const mesh = await exampleMesh('restricted');
const facts = { ...fullFacts(mesh), surroundings: { control: around } };
const actions = compiled(mesh, facts);

test('bounds come with the namespace, before istiod', () => {
  const { objects } = action(actions, 'control/namespace/istio-system');
  assert.equal(
    objects.map(({ object }) => object.kind),
    ['Namespace', 'ResourceQuota', 'LimitRange'],
  );
  const remote = action(actions, 'vault/namespace/istio-system');
  assert.is(remote.objects.length, 1);
});

test('the policy comes with the Service that it guards, before istiod', () => {
  const { objects } = action(actions, 'control/exposure');
  assert.equal(
    objects.map(({ object }) => object.kind),
    ['Service', 'NetworkPolicy'],
  );
  const unread = compiled(mesh, fullFacts(mesh));
  assert.is(action(unread, 'control/exposure').objects.length, 1);
});

test.run();
