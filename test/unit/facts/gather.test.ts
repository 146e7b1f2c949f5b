import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnreachableError } from '../../../src/errors/index.js';
import {
  addressOfService,
  type ClusterAccess,
  gatherFacts,
  readerTokenOf,
} from '../../../src/facts/gather.js';
import type { Cluster, KubeObject } from '../../../src/model/kube.js';
import { clusterOf, meshOf } from '../compile/support.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

const balanced = (...ingress: { ip?: string; hostname?: string }[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'istiod-external' },
  status: { loadBalancer: { ingress } },
});

const test = suite('facts');

const addresses: [title: string, service: KubeObject | undefined, address: string | undefined][] = [
  ['an IP', balanced({ ip: '203.0.113.7' }), '203.0.113.7'],
  ['a hostname', balanced({ hostname: 'lb.example.com' }), 'lb.example.com'],
  ['both: the IP', balanced({ ip: '203.0.113.7', hostname: 'lb.example.com' }), '203.0.113.7'],
  ['several: the first', balanced({ ip: '203.0.113.7' }, { ip: '203.0.113.8' }), '203.0.113.7'],
  ['no answer yet', balanced(), undefined],
  ['no status', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }, undefined],
  ['no Service', undefined, undefined],
];
for (const [title, service, address] of addresses) {
  test(`the load balancer answers ${title}`, () => assert.is(addressOfService(service), address));
}

const tokens: [title: string, data: Record<string, string> | undefined, filled: boolean][] = [
  ['filled', { token: base64('t'), 'ca.crt': base64('c') }, true],
  ['without a CA', { token: base64('t') }, false],
  ['without a token', { 'ca.crt': base64('c') }, false],
  ['not filled yet', undefined, false],
];
for (const [title, data, filled] of tokens) {
  test(`a token Secret ${title}: ${filled ? 'credentials' : 'none'}`, () => {
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      ...(data ? { data } : {}),
    };
    assert.equal(readerTokenOf(secret), filled ? { token: 't', ca: 'c' } : undefined);
  });
}

/** A cluster behind a closed door: the one thing it can say is that it cannot be asked. */
const closed = (name: string, server: string, loopbackAllowed = false): [string, ClusterAccess] => {
  const cluster: Cluster = {
    name,
    server,
    request: () => Promise.reject(new UnreachableError(name, 'connection refused', { hint: 'start it' })),
    stats: () => ({ requests: 0, retries: 0, connections: 0 }),
    close: () => {},
  };
  return [name, { cluster, loopbackAllowed }];
};

const noTrust = {
  localRoot: async () => ({ certPem: 'root', keyAvailable: true }),
  fingerprint: () => 'fp',
  check: () => ({ ok: true, problems: [] }),
};

async function gather(server: string, apiServer?: string, loopbackAllowed = false) {
  const remote = clusterOf('two', 'one', apiServer ? { apiServer } : {});
  const access = new Map([closed('one', 'https://127.0.0.1:6443'), closed('two', server, loopbackAllowed)]);
  return gatherFacts(meshOf([clusterOf('one', 'one'), remote]), access, noTrust);
}

const servers: [server: string, apiServer: string | undefined, allowed: boolean, refused: boolean][] = [
  ['https://127.0.0.1:6443', undefined, false, true],
  ['https://127.3.2.1:6443', undefined, false, true],
  ['https://localhost:6443', undefined, false, true],
  ['https://[::1]:6443', undefined, false, true],
  ['https://10.0.0.1:6443', undefined, false, false],
  ['https://api.two.example:6443', undefined, false, false],
  ['https://127.0.0.1:6443', 'https://10.0.0.1:6443', false, false],
  ['https://10.0.0.1:6443', 'https://localhost:6443', false, true],
  ['https://127.0.0.1:6443', undefined, true, false],
];
for (const [server, apiServer, allowed, refused] of servers) {
  const by = apiServer ? `, apiServer ${apiServer}` : '';
  test(`a remote at ${server}${by}${allowed ? ', in the lab' : ''} is ${refused ? 'refused' : 'taken'}`, async () => {
    const { diagnostics } = await gather(server, apiServer, allowed);
    const found = diagnostics.filter((item) => item.code === 'loopback-server');
    assert.is(found.length, refused ? 1 : 0);
    if (refused) {
      assert.is(found[0]?.severity, 'error');
      assert.match(found[0]?.hint ?? '', 'apiServer');
      assert.is(found[0]?.line, 1);
    }
  });
}

test('a cluster that cannot be read is a fact with its reason; the others are read', async () => {
  const { facts } = await gather('https://10.0.0.1:6443');
  assert.equal(facts.clusters.two, {
    reachable: false,
    server: 'https://10.0.0.1:6443',
    error: 'two: connection refused',
    hint: 'start it',
  });
});

test('a declared address is known even where the cluster cannot be read', async () => {
  const exposure = {
    type: 'LoadBalancer' as const,
    annotations: {},
    allowFrom: [],
    address: 'istiod.example.com',
  };
  const primary = clusterOf('one', 'one', { controlPlane: { replicas: 1, exposure } });
  const { facts } = await gatherFacts(
    meshOf([primary]),
    new Map([closed('one', 'https://10.0.0.1')]),
    noTrust,
  );
  assert.equal(facts.addresses, { one: 'istiod.example.com' });
});

test.run();
