import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { findUnknowns } from '../../../src/model/unknown.js';
import { action, ancestors, compiled, exampleMesh, fullFacts } from './support.js';

const mesh = await exampleMesh('primary-remote');
const actions = compiled(mesh);

const test = suite('compile the example of the contract');

test('the actions, in an order that can be applied', () => {
  assert.equal(
    actions.map((item) => item.id),
    [
      'cluster-1/namespace/istio-system',
      'cluster-2/namespace/istio-system',
      'cluster-1/namespace/production',
      'cluster-2/namespace/production',
      'mesh/root-ca',
      'cluster-1/trust',
      'cluster-2/trust',
      'cluster-1/crds',
      'cluster-2/crds',
      'cluster-1/exposure',
      'cluster-1/address',
      'cluster-1/control-plane',
      'cluster-2/data-plane',
      'cluster-2/reader-token',
      'cluster-1/federate/cluster-2',
      'cluster-1/workload/apps-frontend',
      'cluster-2/workload/apps-backend',
      'cluster-1/callable/apps-backend',
      'cluster-1/traffic/backend.production.svc.cluster.local',
      'cluster-1/monitoring',
    ],
  );
});

const before: [first: string, then: string, because: string][] = [
  ['mesh/root-ca', 'cluster-1/trust', 'an intermediate is signed by the root'],
  ['cluster-1/trust', 'cluster-1/control-plane', 'istiod without cacerts makes a root of its own'],
  ['cluster-1/exposure', 'cluster-1/address', 'the Service gets the address'],
  ['cluster-1/address', 'cluster-1/control-plane', 'istiod must know its outside name when it starts'],
  ['cluster-1/address', 'cluster-2/data-plane', 'the charts of the remote name the address'],
  ['cluster-1/crds', 'cluster-1/control-plane', 'istiod reads its kinds'],
  ['cluster-2/crds', 'cluster-2/data-plane', 'kinds come before what uses them'],
  ['cluster-1/control-plane', 'cluster-2/data-plane', 'the webhook fails closed until istiod answers'],
  ['cluster-2/data-plane', 'cluster-2/reader-token', 'only its charts give the reader all its rights'],
  ['cluster-2/reader-token', 'cluster-1/federate/cluster-2', 'the remote secret holds the token'],
  ['cluster-2/namespace/istio-system', 'cluster-1/federate/cluster-2', 'the annotation is read once'],
  ['cluster-1/control-plane', 'cluster-1/workload/apps-frontend', 'injection of the primary'],
  ['cluster-1/federate/cluster-2', 'cluster-2/workload/apps-backend', 'injection of the remote'],
  ['cluster-1/namespace/production', 'cluster-1/callable/apps-backend', 'a Service needs its namespace'],
  [
    'cluster-1/control-plane',
    'cluster-1/traffic/backend.production.svc.cluster.local',
    'istiod validates the rules',
  ],
];
for (const [first, then, because] of before) {
  test(`${first} before ${then}: ${because}`, () => assert.ok(ancestors(actions, then).has(first)));
}

test('what runs free of istiod does not wait for it', () => {
  for (const id of ['cluster-1/callable/apps-backend', 'cluster-1/monitoring', 'cluster-2/trust'])
    assert.not.ok(ancestors(actions, id).has('cluster-1/control-plane'), id);
});

test('rules of Istio wait for their kinds to be served', () => {
  const { after, gates } = action(actions, 'cluster-1/traffic/backend.production.svc.cluster.local');
  assert.ok(after.includes('cluster-1/crds'));
  const names = ['virtualservices.networking.istio.io'];
  assert.equal(gates, [{ type: 'crds-established', cluster: 'cluster-1', names }]);
});

test('the steps that yield values or wait', () => {
  const effects = actions.filter((item) => item.effect).map((item) => `${item.id} ${item.effect?.type}`);
  assert.equal(effects, [
    'mesh/root-ca ensure-root',
    'cluster-1/trust issue-intermediate',
    'cluster-2/trust issue-intermediate',
    'cluster-1/address await-address',
    'cluster-2/reader-token await-token',
  ]);
  assert.equal(action(actions, 'cluster-1/federate/cluster-2').waits, [
    { type: 'injector-trusted', cluster: 'cluster-2' },
    { type: 'root-distributed', cluster: 'cluster-2', namespace: 'production' },
  ]);
  assert.equal(
    action(actions, 'cluster-1/control-plane').waits.map((wait) => wait.type),
    ['rollout', 'injector-trusted'],
  );
});

test('what an outside observer knows of each unknown: its place and the action that yields it', () => {
  const unknowns = actions.flatMap((item) =>
    item.objects.flatMap(({ object }) =>
      findUnknowns(object).map(({ pointer, value }) => `${item.id} ${pointer} by ${value.origin}`),
    ),
  );
  assert.equal(unknowns, [
    ...['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem'].map(
      (file) => `cluster-1/trust /data/${file} by cluster-1/trust`,
    ),
    ...['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem'].map(
      (file) => `cluster-2/trust /data/${file} by cluster-2/trust`,
    ),
    'cluster-1/control-plane /data/values by cluster-1/address',
    'cluster-2/data-plane /data/values by cluster-1/address',
    'cluster-1/federate/cluster-2 /data/cluster-2 by cluster-2/reader-token',
  ]);
});

test('with all facts at hand nothing is unknown and nothing is awaited', () => {
  const known = compiled(mesh, fullFacts(mesh));
  assert.equal(
    known.map((item) => item.id),
    actions.map((item) => item.id),
  );
  assert.equal(
    known.filter((item) => item.effect),
    [],
  );
  assert.equal(
    known.flatMap((item) => item.objects.flatMap(({ object }) => findUnknowns(object))),
    [],
  );
});

test('the plan tells that failover widens the ejection, in the traffic action', () => {
  const { notes } = action(actions, 'cluster-1/traffic/backend.production.svc.cluster.local');
  assert.match(notes?.join('\n') ?? '', /maxEjectionPercent is set to 100/);
});

test('compile leaves its input alone and says the same twice', () => {
  const copy = JSON.stringify(mesh);
  assert.equal(compiled(mesh), actions);
  assert.is(JSON.stringify(mesh), copy);
});

test('the remote namespace carries network and control plane, the primary the network alone', () => {
  const metadata = (cluster: string) =>
    action(actions, `${cluster}/namespace/istio-system`).objects[0]?.object.metadata;
  const labels = { 'topology.istio.io/network': 'network1', 'meshplan.dev/mesh': 'mesh1' };
  assert.equal(metadata('cluster-1'), { name: 'istio-system', labels });
  assert.equal(metadata('cluster-2'), {
    name: 'istio-system',
    labels,
    annotations: { 'topology.istio.io/controlPlaneClusters': 'cluster-1' },
  });
});

test('istiod-external shows 15012 and 15017 of this revision only', () => {
  const service = action(actions, 'cluster-1/exposure').objects[0]?.object;
  assert.is(service?.metadata.name, 'istiod-external');
  assert.equal(service?.spec, {
    type: 'LoadBalancer',
    selector: { app: 'istiod', 'istio.io/rev': 'default' },
    ports: [
      { name: 'https-dns', port: 15012, protocol: 'TCP', targetPort: 15012 },
      { name: 'https-webhook', port: 15017, protocol: 'TCP', targetPort: 15017 },
    ],
  });
});

test('three clusters: one gate for each remote, no key of a CA where no istiod runs', async () => {
  const shop: ResolvedMesh = await exampleMesh('two-remotes');
  const all = compiled(shop);
  const trust = all.filter((item) => item.kind === 'trust').map((item) => item.id);
  assert.equal(trust, ['hub/trust']);
  for (const edge of ['edge-north', 'edge-south']) {
    assert.ok(ancestors(all, `${edge}/workload/apps-web`).has(`hub/federate/${edge}`));
    assert.ok(ancestors(all, `hub/federate/${edge}`).has(`${edge}/namespace/storefront`));
  }
  assert.not.ok(ancestors(all, 'edge-north/workload/apps-web').has('hub/federate/edge-south'));
  assert.equal(
    all.filter((item) => item.kind === 'callable-service').map((item) => item.id),
    ['edge-north/callable/apps-stock', 'edge-north/callable/apps-cart'],
  );
});

test.run();
