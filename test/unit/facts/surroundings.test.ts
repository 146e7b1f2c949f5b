import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isGuarded,
  nodeRanges,
  serverRanges,
  surroundingsFindings,
} from '../../../src/facts/surroundings.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { clusterOf, meshOf } from '../compile/support.js';

const node = (addresses: string[], podCIDRs: string[] = []): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node' },
  spec: { podCIDRs },
  status: {
    addresses: [
      { type: 'Hostname', address: 'node-1' },
      ...addresses.map((address) => ({ type: 'InternalIP', address })),
    ],
  },
});

const test = suite('what is around istiod');

const nodes: [title: string, nodes: KubeObject[], ranges: string[]][] = [
  ['none', [], []],
  ['of one subnet: its range once', [node(['10.1.2.3']), node(['10.1.2.4'])], ['10.1.2.0/24']],
  [
    'of two subnets, in a fixed order',
    [node(['10.1.9.3']), node(['10.1.2.4'])],
    ['10.1.2.0/24', '10.1.9.0/24'],
  ],
  ['of both families', [node(['10.1.2.3', 'fd00:1::5'])], ['10.1.2.0/24', 'fd00:1::/64']],
  ['with pods behind tunnels', [node(['10.1.2.3'], ['10.244.3.0/24'])], ['10.1.2.0/24', '10.244.0.0/16']],
  ['with a pod range that is wider', [node([], ['10.0.0.0/12'])], ['10.0.0.0/12']],
  ['with a public address: it alone', [node(['8.8.8.8'])], ['8.8.8.8/32']],
  ['that say nothing', [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } }], []],
];
for (const [title, list, ranges] of nodes) {
  test(`nodes ${title}`, () => assert.equal(nodeRanges(list), ranges));
}

test('API servers: those behind the Service kubernetes', () => {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes' },
  };
  const endpoints = [{ addresses: ['10.0.0.10'] }, { addresses: ['10.0.4.11'] }];
  assert.equal(serverRanges({ ...slice, endpoints }), ['10.0.0.0/24', '10.0.4.0/24']);
  assert.equal(serverRanges(slice), []);
  assert.equal(serverRanges(undefined), []);
});

const exposed = (networkPolicy?: object) => {
  const one = clusterOf('one', 'one');
  const exposure = {
    ...one.controlPlane.exposure,
    allowFrom: ['10.0.0.0/8'],
    ...(networkPolicy ? { networkPolicy } : {}),
  };
  return { ...one, controlPlane: { ...one.controlPlane, exposure } };
};

test('only a primary with remotes has a policy, and only where mesh.yaml wants one', () => {
  const guarded = exposed({});
  assert.is(isGuarded(meshOf([guarded, clusterOf('two', 'one')]), guarded), true);
  assert.is(isGuarded(meshOf([guarded]), guarded), false);
  const fenced = { ...clusterOf('two', 'one'), since: '2026-01-01T00:00:00Z', fencedAt: guarded.source };
  assert.is(isGuarded({ ...meshOf([guarded]), fenced: [fenced] }, guarded), true);
  const open = exposed();
  assert.is(isGuarded(meshOf([open, clusterOf('two', 'one')]), open), false);
});

test('where nodes are not shown, no policy is planned that might lock callers out', () => {
  const mesh = meshOf([exposed({}), clusterOf('two', 'one')]);
  const reachable = { reachable: true } as never;
  const facts = { clusters: { one: reachable }, addresses: {}, cacerts: {}, readerTokens: {} };
  assert.equal(
    surroundingsFindings(mesh, facts).map(({ severity, code }) => `${severity} ${code}`),
    ['error surroundings-unread'],
  );
  const known = { ...facts, surroundings: { one: { nodes: [], apiServers: [] } } };
  assert.equal(surroundingsFindings(mesh, known), []);
  const gone = { reachable: false, server: 's', error: 'e' } as const;
  assert.equal(surroundingsFindings(mesh, { ...facts, clusters: { one: gone } }), []);
});

test.run();
