import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exposureDrift } from '../../../src/drift/exposure.js';
import { endOfToken, federationDrift } from '../../../src/drift/federation.js';
import { trafficDrift } from '../../../src/drift/traffic.js';
import { trustDrift } from '../../../src/drift/trust.js';
import { coversHost } from '../../../src/match/hosts.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { meshOf } from '../compile/support.js';
import { actionOf } from '../plan/support.js';
import { by, inputOf, mesh, secret, told } from './support.js';

const test = suite('drift by meaning');
const edited = by('kubectl-edit');
const SYSTEM = 'v1/Secret/istio-system';

const authorities: [title: string, data: Record<string, string>, entries: string[]][] = [
  ['the root of the mesh', { 'root-cert.pem': 'root', 'ca-cert.pem': 'sound' }, []],
  ['both roots of a rotation', { 'root-cert.pem': 'root\nnext', 'ca-cert.pem': 'sound' }, []],
  ['another root', { 'root-cert.pem': 'other' }, [`root-replaced one/${SYSTEM}/cacerts kubectl-edit`]],
  [
    'an end that is near',
    { 'root-cert.pem': 'root', 'ca-cert.pem': 'ending' },
    [`certificate-ends one/${SYSTEM}/cacerts kubectl-edit`],
  ],
];
for (const [title, data, entries] of authorities) {
  test(`cacerts with ${title}`, () => {
    const meaning = { one: { cacerts: secret('cacerts', data, edited, by('kube-controller-manager')) } };
    assert.equal(told(trustDrift(inputOf({ meaning }))), entries);
  });
}

const hooks = (kind: string, caBundle: string | undefined): KubeObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'hooks' },
  webhooks: [
    {
      name: 'a',
      clientConfig: caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString('base64') },
    },
  ],
});
for (const [kind, bundle, count] of [
  ['MutatingWebhookConfiguration', 'root', 0],
  ['MutatingWebhookConfiguration', 'other', 1],
  ['MutatingWebhookConfiguration', undefined, 1],
  ['ValidatingWebhookConfiguration', 'other', 1],
  ['ValidatingWebhookConfiguration', undefined, 0],
] as const) {
  test(`${kind} with the caBundle ${bundle}: ${count}`, () => {
    const entries = trustDrift(inputOf({ live: [['two', hooks(kind, bundle)]] }));
    assert.equal(
      entries.map(({ rule }) => rule),
      Array(count).fill('ca-bundle'),
    );
  });
}

const jwt = (claims: object) =>
  `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

test('the end of a token, wherever it stands in a text', () => {
  assert.is(endOfToken(`token: ${jwt({ exp: 1_000 })}\n`), 1_000_000);
  assert.is(endOfToken(jwt({ sub: 'x' })), undefined);
  assert.is(endOfToken('opaque'), undefined);
});

const soon = jwt({ exp: Date.parse('2026-02-10T00:00:00Z') / 1000 });
const late = jwt({ exp: Date.parse('2027-02-10T00:00:00Z') / 1000 });
const TOKEN = 'istio-reader-service-account-istio-remote-secret-token';
const tokens: [title: string, live: string, given: string, entries: string[]][] = [
  ['both the same', late, late, []],
  [
    'ending soon',
    soon,
    soon,
    [
      `token-ends two/${SYSTEM}/${TOKEN} kubectl-edit`,
      `token-ends one/${SYSTEM}/istio-remote-secret-two meshplan`,
    ],
  ],
  ['rotated', late, 'old', [`token-rotated one/${SYSTEM}/istio-remote-secret-two kubectl-edit`]],
];
for (const [title, live, given, entries] of tokens) {
  test(`tokens, ${title}`, () => {
    const meaning = {
      one: {
        remoteSecrets: [secret('istio-remote-secret-two', { two: `{"token":"${given}"}` }, by('meshplan'))],
      },
      two: { token: secret(TOKEN, { token: live }, edited, by('kube-controller-manager')) },
    };
    const found = federationDrift(inputOf({ meaning }));
    assert.equal(told(found), entries);
    assert.not.match(JSON.stringify(found), /eyJ/);
  });
}

test("a token of Kiali's that was replaced, and one that ends soon", () => {
  const monitoring = { ...mesh.monitoring, kiali: { cluster: 'one', namespace: 'istio-system' } };
  const found = (live: string, given: string) => {
    const secrets: [string, KubeObject][] = [
      ['one', secret('kiali-remote-cluster-secret-two', { two: `{"token":"${given}"}` }, by('meshplan'))],
      ['two', secret('kiali-remote-access', { token: live }, edited, by('kube-controller-manager'))],
    ];
    return federationDrift(inputOf({ mesh: { ...mesh, monitoring }, live: secrets }));
  };
  assert.equal(told(found(late, late)), []);
  assert.equal(told(found(late, 'old')), [
    `token-rotated one/${SYSTEM}/kiali-remote-cluster-secret-two kubectl-edit`,
  ]);
  assert.match(found(late, 'old')[0]?.message ?? '', 'so Kiali may be refused there');
  assert.equal(told(found(soon, soon)), [
    `token-ends two/${SYSTEM}/kiali-remote-access kubectl-edit`,
    `token-ends one/${SYSTEM}/kiali-remote-cluster-secret-two meshplan`,
  ]);
  assert.not.match(JSON.stringify(found(soon, 'old')), /eyJ/);
});

test('a token that nobody touched was filled anew by its controller', () => {
  const meaning = {
    one: { remoteSecrets: [secret('istio-remote-secret-two', { two: 'old' })] },
    two: { token: secret(TOKEN, { token: 'new' }, by('meshplan'), by('kube-controller-manager')) },
  };
  assert.is(federationDrift(inputOf({ meaning }))[0]?.by, 'kube-controller-manager');
});

test('remote secrets of clusters that mesh.yaml does not have', () => {
  const remoteSecrets = [secret('a', { two: '' }), secret('b', { gone: '' }, by('helm'))];
  assert.equal(told(federationDrift(inputOf({ meaning: { one: { remoteSecrets } } }))), [
    `orphaned-secret one/${SYSTEM}/b helm`,
  ]);
});

test('a cluster that istiod was given and has not read; not one that it never was given', () => {
  const sync = (status: 'not-synced' | 'synced' | 'unread') => ({
    sync: [{ cluster: 'two', primary: 'one', status, evidence: 'timeout' }],
  });
  const live: [string, KubeObject][] = [['one', secret('istio-remote-secret-two', {})]];
  assert.equal(told(federationDrift(inputOf({ live, rest: sync('not-synced') }))), [
    `not-synced one/${SYSTEM}/istio-remote-secret-two`,
  ]);
  assert.equal(federationDrift(inputOf({ live, rest: sync('synced') })), []);
  assert.equal(federationDrift(inputOf({ live, rest: sync('unread') })), []);
  assert.equal(federationDrift(inputOf({ rest: sync('not-synced') })), []);
});

test('an istiod that is down is told once, whatever it should have read', () => {
  const sync = ['one', 'two'].map((cluster) => ({
    cluster,
    primary: 'one',
    status: 'no-istiod' as const,
    evidence: 'no istiod pod of one is ready',
  }));
  const istiod: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'istiod', namespace: 'istio-system' },
  };
  const found = federationDrift(inputOf({ live: [['one', istiod]], rest: { sync } }));
  assert.equal(told(found), ['istiod-down one/apps/v1/Deployment/istio-system/istiod']);
  assert.match(found[0]?.message ?? '', 'no istiod pod of one is ready: one, two get no configuration');
  assert.equal(federationDrift(inputOf({ rest: { sync } })), []);
});

const slice: KubeObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'istiod', namespace: 'istio-system' },
  endpoints: [{ addresses: ['10.0.0.1'] }],
};
const exposure: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'istiod-external',
    namespace: 'istio-system',
    managedFields: [by('kubectl-edit'), by('cloud-x', { subresource: 'status' })],
  },
};
for (const [now, count] of [
  ['10.0.0.1', 0],
  ['10.0.0.2', 1],
  [undefined, 1],
] as const) {
  test(`remotes were given 10.0.0.1, the load balancer answers ${now}: ${count}`, () => {
    const input = inputOf({
      actions: [
        actionOf('two/data-plane', { kind: 'data-plane', objects: [{ cluster: 'two', object: slice }] }),
      ],
      live: [['two', slice]],
      meaning: { one: { exposure } },
    });
    const facts = { ...input.facts, addresses: now ? { one: now } : {} };
    const found = exposureDrift({ ...input, facts });
    assert.is(found.length, count);
    assert.is(found[0]?.by, count === 0 ? undefined : 'cloud-x');
  });
}

const HOST = 'web.shop.svc.cluster.local';
for (const [written, namespace, covers] of [
  [HOST, 'other', true],
  ['web', 'shop', true],
  ['web', 'other', false],
  ['web.shop', 'other', true],
  ['web.shop.svc', 'other', true],
  ['*.shop.svc.cluster.local', 'other', true],
  ['*', 'other', true],
  ['webs.shop.svc.cluster.local', 'shop', false],
] as const) {
  test(`the host ${written} in ${namespace} ${covers ? 'is' : 'is not'} ${HOST}`, () => {
    assert.is(coversHost(written, namespace, HOST), covers);
  });
}

test('rules of others for a declared host, at the place of its declaration; gateways’ are no matter', () => {
  const source = { file: 'mesh.yaml', line: 7, column: 5 };
  const traffic = [
    {
      host: HOST,
      namespace: 'shop',
      subsets: {},
      subsetPolicies: {},
      routes: [],
      failover: [],
      distribute: [],
      source,
    },
  ];
  const rule = (kind: string, name: string, spec: object): KubeObject => ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace: 'shop', managedFields: [edited] },
    spec,
  });
  const ours = rule('DestinationRule', 'of-a-manifest', { host: HOST });
  ours.metadata.labels = { 'meshplan.dev/mesh': mesh.name };
  const rules = [
    rule('DestinationRule', 'web', { host: HOST }),
    rule('DestinationRule', 'theirs', { host: 'web' }),
    rule('VirtualService', 'inside', { hosts: ['web'], gateways: ['edge', 'mesh'] }),
    rule('VirtualService', 'edge', { hosts: [HOST], gateways: ['edge'] }),
    rule('VirtualService', 'other', { hosts: ['other'] }),
    ours,
  ];
  const [declared] = rules;
  const found = trafficDrift(
    inputOf({
      mesh: meshOf(mesh.clusters, { traffic }),
      actions: declared ? [actionOf('one/traffic', { objects: [{ cluster: 'one', object: declared }] })] : [],
      meaning: { one: { rules } },
    }),
  );
  assert.equal(told(found), [
    'foreign-rule one/networking.istio.io/v1/DestinationRule/shop/theirs kubectl-edit',
    'foreign-rule one/networking.istio.io/v1/VirtualService/shop/inside kubectl-edit',
  ]);
  assert.equal(found[0]?.source, source);
});

test.run();
