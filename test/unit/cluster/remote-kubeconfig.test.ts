import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRemoteKubeconfig } from '../../../src/cluster/remote-kubeconfig.js';
import { credentialsIn } from '../../../src/verify/checks/remote-secret.js';

const TOKEN = 'canary-token';
const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Parts {
  cluster?: Record<string, unknown>;
  user?: Record<string, unknown>;
  current?: string;
}

function kubeconfig({ cluster, user, current }: Parts = {}): string {
  const server = { server: 'https://api.example.com', 'certificate-authority-data': base64('a CA') };
  return JSON.stringify({
    clusters: [{ name: 'cluster-2', cluster: { ...server, ...cluster } }],
    users: [{ name: 'cluster-2', user: { token: TOKEN, ...user } }],
    contexts: [{ name: 'cluster-2', context: { cluster: 'cluster-2', user: 'cluster-2' } }],
    'current-context': current ?? 'cluster-2',
  });
}

test('inline data and a token are credentials', () => {
  assert.equal(readRemoteKubeconfig('cluster-2', kubeconfig()), {
    credentials: { name: 'cluster-2', server: 'https://api.example.com', ca: 'a CA', token: TOKEN },
  });
  const named = readRemoteKubeconfig('cluster-2', kubeconfig({ cluster: { 'tls-server-name': 'api' } }));
  assert.is('credentials' in named && named.credentials.tlsServerName, 'api');
});

for (const [title, text, expected] of [
  ['a plugin', kubeconfig({ user: { exec: {} } }), /refuses the field exec/],
  ['a token file', kubeconfig({ user: { tokenFile: '/x' } }), /refuses the field tokenFile/],
  ['no token', kubeconfig({ user: { token: '' } }), /no token/],
  ['no CA', kubeconfig({ cluster: { 'certificate-authority-data': '' } }), /no certificate-authority-data/],
  ['a server that is no URL', kubeconfig({ cluster: { server: 'api' } }), /no URL/],
  ['a context that leads nowhere', kubeconfig({ current: 'other' }), /leads to no cluster/],
  ['a text that is no JSON', `token: [${TOKEN}`, /cannot be parsed/],
  ['a bare word', TOKEN, /cannot be parsed/],
] as const) {
  test(`${title} is a fault, which quotes no value`, () => {
    const read = readRemoteKubeconfig('cluster-2', text);
    const fault = 'fault' in read ? read.fault : 'none';
    assert.match(fault, expected);
    assert.not.match(fault, TOKEN);
  });
}

test('another parser reads what other tools wrote', () => {
  const parse = () => JSON.parse(kubeconfig()) as unknown;
  assert.ok('credentials' in readRemoteKubeconfig('cluster-2', 'apiVersion: v1', parse));
});

const secret = (labels: Record<string, string>, key: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'istio-remote-secret-cluster-2', labels },
  data: { [key]: base64(kubeconfig()) },
});
const faultOf = (read: object) => ('fault' in read ? String(read.fault) : 'none');

test('a Secret counts only with the label and the key by which istiod finds the cluster', () => {
  const label = { 'istio/multiCluster': 'true' };
  const grant = { name: 'cluster-2', label: 'istio/multiCluster', reader: 'istiod' };
  assert.is(faultOf(credentialsIn(secret(label, 'cluster-2'), grant)), 'none');
  assert.match(faultOf(credentialsIn(secret({}, 'cluster-2'), grant)), /lacks the label/);
  assert.match(faultOf(credentialsIn(secret(label, 'other'), grant)), /no key cluster-2/);
  assert.match(faultOf(credentialsIn(undefined, grant)), /does not exist/);
});

test.run();
