import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../../src/compile/compile.js';
import { InvalidInputError } from '../../../src/errors/index.js';
import type { DesiredAction } from '../../../src/model/action.js';
import type { KubeObject } from '../../../src/model/kube.js';
import type { ResolvedTrust } from '../../../src/model/resolved-mesh.js';
import {
  action,
  clusterOf,
  compiled,
  deployment,
  fullFacts,
  injected,
  meshOf,
  noFacts,
  reachable,
  service,
  tinyCharts,
  workload,
} from './support.js';

const pair = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')], {
  namespaces: [injected('shop', ['one', 'two'])],
});
const trusting = (fields: Partial<ResolvedTrust>) => ({ ...pair, trust: { ...pair.trust, ...fields } });
const trustIds = (actions: DesiredAction[]) =>
  actions.filter((item) => item.kind === 'trust' || item.kind === 'root-ca').map((item) => item.id);
const text = (base64: unknown) => Buffer.from(String(base64), 'base64').toString('utf8');
const only = (actions: DesiredAction[], id: string): KubeObject => {
  const [first] = action(actions, id).objects;
  if (!first) throw new Error(`${id} has no object`);
  return first.object;
};

const test = suite('compile: trust, federation, exposure, workloads');

const sources: [title: string, trust: Partial<ResolvedTrust>, ids: string[]][] = [
  ['generated', { source: 'generated' }, ['mesh/root-ca', 'one/trust', 'two/trust']],
  ['files', { source: 'files' }, ['mesh/root-ca', 'one/trust', 'two/trust']],
  ['no keys in remotes', { remoteKeys: false }, ['mesh/root-ca', 'one/trust']],
  ['Secrets of the user', { source: 'secret' }, []],
];
for (const [title, trust, ids] of sources) {
  test(`trust from ${title}: ${ids.join(', ') || 'no action'}`, () => {
    assert.equal(trustIds(compiled(trusting(trust))), ids);
  });
}

test("with the user's Secrets istiod waits for no trust action", () => {
  const { after } = action(compiled(trusting({ source: 'secret' })), 'one/control-plane');
  assert.equal(after, ['one/namespace/istio-system', 'one/crds', 'one/address']);
});

test('cacerts holds the four files, base64, where the intermediate is known', () => {
  const secret = only(compiled(pair, fullFacts(pair)), 'one/trust');
  assert.is(`${secret.metadata.namespace}/${secret.metadata.name}`, 'istio-system/cacerts');
  const data = Object.entries(secret.data as Record<string, string>).map(([file, value]) => [
    file,
    text(value),
  ]);
  assert.equal(data, [
    ['ca-cert.pem', 'certificate of one'],
    ['ca-key.pem', 'key of one'],
    ['root-cert.pem', 'root'],
    ['cert-chain.pem', 'chain of one'],
  ]);
});

test('the remote secret is what istiod reads: label, annotation, one key with a kubeconfig of inline data', () => {
  const secret = only(compiled(pair, fullFacts(pair)), 'one/federate/two');
  assert.is(secret.metadata.name, 'istio-remote-secret-two');
  assert.is(secret.metadata.labels?.['istio/multiCluster'], 'true');
  assert.equal(secret.metadata.annotations, { 'networking.istio.io/cluster': 'two' });
  const data = secret.data as Record<string, string>;
  assert.equal(Object.keys(data), ['two']);
  assert.equal(JSON.parse(text(data.two)), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'two',
        cluster: {
          server: 'https://two.example:6443',
          'certificate-authority-data': Buffer.from('CA of two').toString('base64'),
        },
      },
    ],
    users: [{ name: 'two', user: { token: 'token of two' } }],
    contexts: [{ name: 'two', context: { cluster: 'two', user: 'two' } }],
    'current-context': 'two',
  });
});

test('apiServer takes the place of the server of the kubeconfig', () => {
  const mesh = {
    ...pair,
    clusters: [clusterOf('one', 'one'), clusterOf('two', 'one', { apiServer: 'https://api.two:443' })],
  };
  const data = only(compiled(mesh, fullFacts(mesh)), 'one/federate/two').data as Record<string, string>;
  assert.match(text(data.two), '"server":"https://api.two:443"');
});

test("the token Secret is istioctl's own, filled for the reader account", () => {
  const secret = only(compiled(pair), 'two/reader-token');
  assert.is(secret.metadata.name, 'istio-reader-service-account-istio-remote-secret-token');
  assert.is(secret.type, 'kubernetes.io/service-account-token');
  assert.equal(secret.metadata.annotations, {
    'kubernetes.io/service-account.name': 'istio-reader-service-account',
  });
  assert.not.ok('data' in secret);
});

test('istiod declares the replicas that its autoscaler starts from, unless the charts do', () => {
  const started = (rendered: object) => {
    const charts = tinyCharts(pair, {});
    const istiod = charts.one?.find(({ kind }) => kind === 'Deployment');
    if (istiod) istiod.spec = rendered;
    const { objects } = action(compile(pair, noFacts(), charts), 'one/control-plane');
    return objects.find(({ object }) => object.kind === 'Deployment')?.object.spec;
  };
  assert.equal(started({ template: {} }), { replicas: 1, template: {} });
  assert.equal(started({ replicas: 3 }), { replicas: 3 });
});

test('exposure: annotations, allowed addresses and a declared address are carried', () => {
  const exposure = {
    type: 'LoadBalancer' as const,
    annotations: { 'example.com/internal': 'true' },
    address: 'istiod.example.com',
    allowFrom: ['10.0.0.0/8'],
  };
  const clusters = [
    clusterOf('one', 'one', { controlPlane: { replicas: 1, exposure } }),
    clusterOf('two', 'one'),
  ];
  const actions = compiled({ ...pair, clusters }, { ...noFacts(), addresses: { one: 'istiod.example.com' } });
  const exposed = only(actions, 'one/exposure');
  assert.equal(exposed.metadata.annotations, { 'example.com/internal': 'true' });
  assert.equal((exposed.spec as Record<string, unknown>).loadBalancerSourceRanges, ['10.0.0.0/8']);
  assert.is(action(actions, 'one/address').effect, undefined);
  assert.match(action(actions, 'one/address').purpose, 'istiod.example.com');
});

test('namespaces carry the declared labels and annotations, and the injection label only where asked', () => {
  const source = { file: 'mesh.yaml', line: 1, column: 1 };
  const plain = {
    name: 'plain',
    injection: false,
    clusters: ['two'],
    labels: { team: 'a' },
    annotations: { note: 'b' },
    source,
  };
  const actions = compiled({ ...pair, namespaces: [injected('shop', ['one']), plain] });
  assert.is(only(actions, 'one/namespace/shop').metadata.labels?.['istio-injection'], 'enabled');
  assert.equal(only(actions, 'two/namespace/plain').metadata, {
    name: 'plain',
    labels: { team: 'a', 'meshplan.dev/mesh': 'mesh1' },
    annotations: { note: 'b' },
  });
  assert.not.ok(
    actions.some((item) => item.id === 'two/namespace/shop' || item.id === 'one/namespace/plain'),
  );
});

test('a namespace with a revision has its label alone', () => {
  const revised = { ...injected('shop', ['one']), injection: { revision: 'canary' } };
  assert.equal(only(compiled({ ...pair, namespaces: [revised] }), 'one/namespace/shop').metadata.labels, {
    'istio.io/rev': 'canary',
    'meshplan.dev/mesh': 'mesh1',
  });
});

test('federation waits for the root in injected namespaces of the remote only', () => {
  const source = { file: 'mesh.yaml', line: 1, column: 1 };
  const plain = { name: 'plain', injection: false, clusters: ['two'], labels: {}, annotations: {}, source };
  const namespaces = [injected('shop', ['one', 'two']), injected('office', ['one']), plain];
  const { waits } = action(compiled({ ...pair, namespaces }), 'one/federate/two');
  assert.equal(
    waits.map((wait) => ('namespace' in wait ? `${wait.type} ${wait.cluster}/${wait.namespace}` : wait.type)),
    ['injector-trusted', 'root-distributed two/shop'],
  );
});

const stubs: [title: string, spec: Record<string, unknown>, stub: Record<string, unknown>][] = [
  [
    'port names and numbers are kept, a nodePort is not',
    {
      type: 'NodePort',
      ports: [{ name: 'grpc', port: 9000, targetPort: 'grpc', nodePort: 31000, appProtocol: 'grpc' }],
    },
    {
      selector: { app: 'web' },
      ports: [{ name: 'grpc', port: 9000, targetPort: 'grpc', appProtocol: 'grpc' }],
    },
  ],
  [
    'a ClusterIP of another cluster means nothing here',
    { clusterIP: '10.0.0.7', clusterIPs: ['10.0.0.7'] },
    { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  ],
  [
    'a load balancer is not made twice',
    { type: 'LoadBalancer', loadBalancerIP: '203.0.113.9', externalTrafficPolicy: 'Local' },
    { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  ],
  [
    'a Service without a selector stays without one',
    { selector: undefined },
    { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  ],
  [
    'an ExternalName leads to the same name',
    { type: 'ExternalName', externalName: 'web.example.com', ports: undefined, selector: undefined },
    { type: 'ExternalName', externalName: 'web.example.com' },
  ],
];
for (const [title, spec, stub] of stubs) {
  test(`callable Service: ${title}`, () => {
    const declared = service('web', 'shop', spec);
    declared.metadata.labels = { team: 'a' };
    const mesh = { ...pair, workloads: [workload('web.yaml', [declared], ['two'], ['one'])] };
    const made = only(compiled(mesh), 'one/callable/web');
    assert.equal(made.spec, stub);
    assert.equal(made.metadata, {
      name: 'web',
      namespace: 'shop',
      labels: { team: 'a', 'meshplan.dev/mesh': 'mesh1' },
    });
  });
}

test('callers that run the workload, and workloads without a Service, get no callable Service', () => {
  const workloads = [
    workload('both.yaml', [service('both', 'shop')], ['one', 'two'], ['one', 'two']),
    workload('quiet.yaml', [deployment('quiet', 'shop')], ['two'], ['one']),
  ];
  const actions = compiled({ ...pair, workloads });
  assert.equal(
    actions.filter((item) => item.kind === 'callable-service'),
    [],
  );
});

test('a workload waits for each of its Deployments', () => {
  const objects = [deployment('a', 'shop'), service('a', 'shop'), deployment('b', 'shop')];
  const { waits } = action(
    compiled({ ...pair, workloads: [workload('x.yaml', objects, ['two'])] }),
    'two/workload/x',
  );
  assert.equal(
    waits.map((wait) => ('name' in wait ? `${wait.cluster}/${wait.namespace}/${wait.name}` : '')),
    ['two/shop/a', 'two/shop/b'],
  );
});

test("manifests with Istio's kinds wait for those kinds in their cluster, others do not", () => {
  const policy = {
    ...service('strict', 'shop'),
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
  };
  const workloads = [
    workload('policy.yaml', [policy], ['two']),
    workload('web.yaml', [deployment('web', 'shop')], ['two']),
  ];
  const actions = compiled({ ...pair, workloads });
  assert.ok(action(actions, 'two/workload/policy').after.includes('two/crds'));
  assert.is(action(actions, 'two/workload/policy').gates?.[0]?.type, 'crds-established');
  assert.is(action(actions, 'two/workload/web').gates, undefined);
});

const workloadNames: [manifests: string[], names: string[]][] = [
  [['apps/web.yaml'], ['apps-web']],
  [['./apps/web.yml'], ['apps-web']],
  [['apps/*.json'], ['apps']],
  [['apps/'], ['apps']],
  [['*.yaml'], ['manifests']],
  [
    ['apps/web.yaml', 'apps/web.json'],
    ['apps-web', 'apps-web-2'],
  ],
];
for (const [manifests, names] of workloadNames) {
  test(`workloads ${manifests.join(' and ')} are called ${names.join(' and ')}`, () => {
    const workloads = manifests.map((item, index) =>
      workload(item, [deployment(`d${index}`, 'shop')], ['one']),
    );
    const ids = compiled({ ...pair, workloads }).filter((item) => item.kind === 'workload');
    assert.equal(
      ids.map((item) => item.id),
      names.map((name) => `one/workload/${name}`),
    );
  });
}

test('names of workloads stay apart, whatever their files are called', () => {
  const files = ['web.yaml', 'web.json', 'web-2.yaml'];
  const workloads = files.map((file, index) => workload(file, [deployment(`d${index}`, 'shop')], ['one']));
  const ids = compiled({ ...pair, workloads }).filter((item) => item.kind === 'workload');
  assert.is(new Set(ids.map((item) => item.id)).size, 3);
});

test('alerts are a PrometheusRule where the kind is served, else a ConfigMap', () => {
  const mesh = { ...pair, monitoring: { alerts: true, dashboards: false } };
  const kinds = (kinds: string[]) =>
    action(
      compiled(mesh, { ...noFacts(), clusters: { one: reachable('one', kinds) } }),
      'one/monitoring',
    ).objects.map(({ object }) => object.kind);
  assert.equal(kinds(['PrometheusRule']), ['PrometheusRule']);
  assert.equal(kinds(['ConfigMap']), ['ConfigMap']);
});

test('a manifest that brings what the mesh needs otherwise is refused, and the same object is not', () => {
  const config = (data: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'values', namespace: 'istio-system' },
    data,
  });
  const charts = { one: [config({ values: 'a' })], two: [] };
  const bring = (object: KubeObject) =>
    compile({ ...pair, workloads: [workload('apps/values.yaml', [object], ['one'])] }, noFacts(), charts);
  try {
    bring(config({ values: 'b' }));
    assert.unreachable('it was taken');
  } catch (error) {
    assert.instance(error, InvalidInputError);
    const [first, ...more] = (error as InvalidInputError).diagnostics;
    assert.equal(more, []);
    assert.match(
      first?.message ?? '',
      "one/v1/ConfigMap/istio-system/values is meshplan's own (one/control-plane:",
    );
    assert.equal([first?.code, first?.file, first?.line], ['conflicting-declaration', 'mesh.yaml', 1]);
  }
  assert.equal(action(bring(config({ values: 'a' })), 'one/workload/apps-values').objects, []);
});

test.run();
