import type { Operation } from 'fast-json-patch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Impact } from '../../../src/model/action.js';
import { addressOf, parseAddress } from '../../../src/model/kube.js';
import type { Change, PlannedAction, PlannedObject, Reason } from '../../../src/model/plan.js';
import { withImpacts, worstImpact, worstOf } from '../../../src/plan/impact.js';
import { limitImpact } from '../../../src/plan/max-impact.js';
import { action, planWith } from '../cli/support.js';
import { clusterOf } from '../compile/support.js';

const clusters = [clusterOf('one', 'one'), clusterOf('two', 'one')];

const ISTIOD = 'one/apps/v1/Deployment/istio-system/istiod';
const CACERTS = 'v1/Secret/istio-system/cacerts';
const TOKEN = 'v1/Secret/istio-system/istio-reader-service-account-istio-remote-secret-token';
const REMOTE_SECRET = 'one/v1/Secret/istio-system/istio-remote-secret-two';
const EXTERNAL = 'one/v1/Service/istio-system/istiod-external';
const WEBHOOK = 'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration/istio-sidecar-injector';
const DEPLOYMENT = 'one/apps/v1/Deployment/shop/web';
const DR = 'networking.istio.io/v1/DestinationRule/shop/web';
const PEERS = 'security.istio.io/v1/PeerAuthentication/shop/default';
const NETWORK = '/metadata/labels/topology.istio.io~1network';

/** A planned object from its address; a live one has a UID. */
function planned(address: string, change: Change, fields: Partial<PlannedObject> = {}): PlannedObject {
  const ref = parseAddress(address);
  if (!ref) throw new Error(`no address: ${address}`);
  return {
    ...ref,
    address: addressOf(ref),
    change,
    reason: 'declaration-changed',
    patch: [],
    sensitive: false,
    unknown: [],
    force: true,
    shared: false,
    ...(change === 'create' ? {} : { uid: 'u' }),
    ...fields,
  };
}

const replacing = (path: string, value: unknown = 'x'): Operation => ({ op: 'replace', path, value });

/** What one change does where istiod runs in the primary, or is not there. */
function impactOf(object: PlannedObject, served: boolean): Impact {
  const others = served && object.address !== ISTIOD ? [planned(ISTIOD, 'noop')] : [];
  const kind = { change: object.change, reason: object.reason };
  const [first] = withImpacts([action('one/a', { ...kind, objects: [object, ...others] })], { clusters });
  return first?.impact ?? 'none';
}

type Row = [address: string, change: Change, paths: string[], impact: Impact];
const rows: Row[] = [
  // Istio's own.
  [ISTIOD, 'update', ['/spec/template/spec/containers/0/image'], 'control-plane-restart'],
  [ISTIOD, 'update', ['/spec/replicas'], 'none'],
  [ISTIOD, 'update', ['/metadata/annotations/note'], 'none'],
  [ISTIOD, 'unknown', [], 'control-plane-restart'],
  [ISTIOD, 'replace', ['/spec/selector'], 'proxies-reconnect'],
  [ISTIOD, 'delete', [], 'mtls-risk'],
  [ISTIOD, 'create', [''], 'none'],
  ['one/v1/ConfigMap/istio-system/istio', 'update', ['/data/mesh'], 'proxies-reconnect'],
  ['one/v1/ConfigMap/istio-system/istio-sidecar-injector', 'update', ['/data/config'], 'new-pods'],
  ['one/v1/ConfigMap/istio-system/values', 'update', ['/data/merged-values'], 'none'],
  ['one/v1/ConfigMap/istio-system/meshplan-alerts', 'update', ['/data/mesh.rules.yaml'], 'none'],
  ['one/v1/ConfigMap/istio-system/meshplan-alerts', 'delete', [], 'none'],
  [`one/${WEBHOOK}`, 'update', ['/webhooks/0/namespaceSelector'], 'new-pods'],
  [`two/${WEBHOOK}`, 'create', [''], 'new-pods'],
  [`two/${WEBHOOK}`, 'update', ['/metadata/annotations/note'], 'none'],
  [`two/${WEBHOOK}`, 'delete', [], 'new-pods'],
  [
    'one/admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration/istio-validator-istio-system',
    'update',
    ['/webhooks/0/rules'],
    'none',
  ],
  [
    'one/rbac.authorization.k8s.io/v1/ClusterRole/istiod-clusterrole-istio-system',
    'update',
    ['/rules/0'],
    'none',
  ],
  ['one/rbac.authorization.k8s.io/v1/ClusterRole/istiod-clusterrole-istio-system', 'delete', [], 'mtls-risk'],
  ['one/autoscaling/v2/HorizontalPodAutoscaler/istio-system/istiod', 'update', ['/spec/minReplicas'], 'none'],
  [
    'one/apiextensions.k8s.io/v1/CustomResourceDefinition/gateways.networking.istio.io',
    'update',
    ['/spec'],
    'none',
  ],
  // The way to istiod.
  [EXTERNAL, 'update', ['/spec/ports/0/port'], 'proxies-reconnect'],
  [EXTERNAL, 'update', ['/spec/loadBalancerSourceRanges'], 'proxies-reconnect'],
  [
    EXTERNAL,
    'update',
    ['/metadata/annotations/service.beta.kubernetes.io~1aws-load-balancer-type'],
    'proxies-reconnect',
  ],
  [EXTERNAL, 'update', ['/metadata/labels/team'], 'none'],
  [EXTERNAL, 'create', [''], 'none'],
  [EXTERNAL, 'delete', [], 'mtls-risk'],
  [
    'two/discovery.k8s.io/v1/EndpointSlice/istio-system/istiod',
    'update',
    ['/endpoints/0/addresses/0'],
    'proxies-reconnect',
  ],
  // Trust and federation.
  [`one/${CACERTS}`, 'update', ['/data/ca-cert.pem', '/data/ca-key.pem'], 'none'],
  [`one/${CACERTS}`, 'update', ['/data/root-cert.pem'], 'mtls-risk'],
  [`one/${CACERTS}`, 'unknown', [], 'none'],
  [`one/${CACERTS}`, 'create', [''], 'mtls-risk'],
  [`one/${CACERTS}`, 'delete', [], 'mtls-risk'],
  [`two/${CACERTS}`, 'update', ['/data/root-cert.pem'], 'none'],
  [`two/${CACERTS}`, 'delete', [], 'none'],
  [REMOTE_SECRET, 'update', ['/data/two'], 'proxies-reconnect'],
  [REMOTE_SECRET, 'create', [''], 'proxies-reconnect'],
  [REMOTE_SECRET, 'delete', [], 'mtls-risk'],
  [`two/${TOKEN}`, 'update', ['/metadata/labels/team'], 'none'],
  [`two/${TOKEN}`, 'delete', [], 'mtls-risk'],
  // Namespaces.
  ['one/v1/Namespace/istio-system', 'update', [NETWORK], 'proxies-reconnect'],
  ['one/v1/Namespace/istio-system', 'update', ['/metadata/labels/team'], 'none'],
  [
    'two/v1/Namespace/istio-system',
    'update',
    ['/metadata/annotations/topology.istio.io~1controlPlaneClusters'],
    'none',
  ],
  ['one/v1/Namespace/shop', 'update', ['/metadata/labels/istio-injection'], 'new-pods'],
  ['one/v1/Namespace/shop', 'update', ['/metadata/annotations/note'], 'none'],
  ['one/v1/Namespace/shop', 'create', [''], 'none'],
  ['one/v1/Namespace/shop', 'delete', [], 'proxies-reconnect'],
  // Workloads.
  [DEPLOYMENT, 'update', ['/spec/template/spec/containers/0/image'], 'new-pods'],
  [DEPLOYMENT, 'update', ['/spec/replicas'], 'none'],
  [DEPLOYMENT, 'update', ['/metadata/annotations/note'], 'none'],
  [DEPLOYMENT, 'create', [''], 'none'],
  [DEPLOYMENT, 'replace', ['/spec/selector'], 'proxies-reconnect'],
  [DEPLOYMENT, 'delete', [], 'proxies-reconnect'],
  ['one/batch/v1/CronJob/shop/report', 'update', ['/spec/schedule'], 'none'],
  ['one/v1/Service/shop/web', 'update', ['/spec/ports/0/port'], 'proxies-reconnect'],
  ['one/v1/Service/shop/web', 'update', ['/metadata/annotations/note'], 'none'],
  [
    'one/v1/Service/shop/web',
    'update',
    ['/metadata/annotations/networking.istio.io~1exportTo'],
    'proxies-reconnect',
  ],
  ['one/v1/Service/shop/web', 'delete', [], 'proxies-reconnect'],
  ['one/v1/ConfigMap/shop/settings', 'update', ['/data/a'], 'new-pods'],
  ['one/v1/Secret/shop/password', 'update', ['/data/a'], 'new-pods'],
  ['one/v1/ServiceAccount/shop/web', 'update', ['/metadata/labels/team'], 'none'],
  ['one/policy/v1/PodDisruptionBudget/shop/web', 'delete', [], 'none'],
  ['one/example.com/v1/Widget/shop/w', 'update', ['/spec/a'], 'new-pods'],
  ['one/example.com/v1/Widget/shop/w', 'update', ['/metadata/labels/a'], 'none'],
  ['one/networking.k8s.io/v1/NetworkPolicy/shop/web', 'create', [''], 'mtls-risk'],
  [
    'one/networking.k8s.io/v1/NetworkPolicy/istio-system/istiod-external',
    'create',
    [''],
    'proxies-reconnect',
  ],
  ['one/networking.k8s.io/v1/NetworkPolicy/istio-system/istiod-external', 'delete', [], 'none'],
  ['one/v1/ResourceQuota/istio-system/istio-system', 'update', ['/spec/hard/pods'], 'new-pods'],
  // Istio's kinds, which istiod reads in the primary alone.
  [`one/${PEERS}`, 'create', [''], 'mtls-risk'],
  [`one/${PEERS}`, 'update', ['/spec/mtls/mode'], 'mtls-risk'],
  [`one/${PEERS}`, 'delete', [], 'mtls-risk'],
  [`two/${PEERS}`, 'update', ['/spec/mtls/mode'], 'none'],
  [`one/${DR}`, 'update', ['/spec/subsets/0/labels/version'], 'proxies-reconnect'],
  [`one/${DR}`, 'update', ['/spec/trafficPolicy/tls/mode'], 'mtls-risk'],
  [`one/${DR}`, 'create', [''], 'proxies-reconnect'],
  [`one/${DR}`, 'update', ['/metadata/annotations/note'], 'none'],
  ['one/networking.istio.io/v1/VirtualService/shop/web', 'update', ['/spec/http/0'], 'proxies-reconnect'],
  // What does nothing.
  [DEPLOYMENT, 'noop', [], 'none'],
  [DEPLOYMENT, 'blocked', [], 'none'],
];

const test = suite('impact');

for (const [address, change, paths, impact] of rows) {
  const what = paths.length > 0 && paths[0] !== '' ? ` of ${paths.join(', ')}` : '';
  test(`${change}${what} of ${address} where istiod runs: ${impact}`, () => {
    const object = planned(address, change, { patch: paths.map((path) => replacing(path)) });
    assert.is(impactOf(object, true), impact);
  });
}

test('where no istiod runs, nothing notices what is made', () => {
  for (const [address, change] of rows.filter((row) => row[1] === 'create'))
    assert.is(impactOf(planned(address, change, { patch: [replacing('')] }), false), 'none', address);
});

const DELETED: Reason = 'deleted-outside';
test('a deleted authority is given back from the same root, a deleted rule comes into force again', () => {
  assert.is(impactOf(planned(`one/${CACERTS}`, 'create', { reason: DELETED }), true), 'none');
  assert.is(impactOf(planned(`one/${PEERS}`, 'create', { reason: DELETED }), true), 'mtls-risk');
});

const meshes: [what: string, was: string, will: string, impact: Impact][] = [
  ['the trust domain', 'trustDomain: a\n', 'trustDomain: b\n', 'mtls-risk'],
  ['an alias', 'trustDomainAliases:\n- a\nx: 1\n', 'trustDomainAliases:\n- b\nx: 1\n', 'mtls-risk'],
  [
    'the order alone',
    'trustDomain: a\nrootNamespace: i\n',
    'rootNamespace: i\ntrustDomain: a\n',
    'proxies-reconnect',
  ],
  [
    'access logs',
    'accessLogFile: ""\ntrustDomain: a\n',
    'accessLogFile: /dev/stdout\ntrustDomain: a\n',
    'proxies-reconnect',
  ],
];
for (const [what, was, will, impact] of meshes)
  test(`mesh config, ${what}: ${impact}`, () => {
    const patch = [replacing('/data/mesh', will)];
    const before = { '/data/mesh': was };
    const object = planned('one/v1/ConfigMap/istio-system/istio', 'update', { patch, before });
    assert.is(impactOf(object, true), impact);
  });

test('marks of meshplan itself are none, beside others they hide nothing', () => {
  const mark: Operation = { op: 'add', path: '/metadata/labels/meshplan.dev~1mesh', value: 'mesh1' };
  const whole: Operation = { op: 'add', path: '/metadata/labels', value: { 'meshplan.dev/mesh': 'mesh1' } };
  const impact = (...patch: Operation[]) =>
    impactOf(planned('one/v1/Namespace/shop', 'update', { patch }), true);
  assert.equal([impact(mark), impact(whole)], ['none', 'none']);
  assert.is(impact(mark, replacing('/metadata/labels/istio-injection')), 'new-pods');
});

test('fields that are given back may be any', () => {
  const shared = { reason: 'destroy' as const, shared: true };
  assert.is(impactOf(planned('one/v1/Namespace/shop', 'update', shared), true), 'new-pods');
});

test('a new DestinationRule that speaks of TLS', () => {
  const rule = { spec: { trafficPolicy: { tls: { mode: 'DISABLE' } } } };
  assert.is(impactOf(planned(`one/${DR}`, 'create', { patch: [replacing('', rule)] }), true), 'mtls-risk');
});

const root = action('mesh/root-ca', { kind: 'root-ca', cluster: 'mesh', change: 'create' });
test('the first root is none where no istiod runs, and a risk where one does', () => {
  const impact = (actions: PlannedAction[]) => withImpacts(actions, { clusters })[0]?.impact;
  assert.is(impact([root]), 'none');
  const running = action('one/control-plane', { change: 'noop', objects: [planned(ISTIOD, 'noop')] });
  assert.is(impact([root, running]), 'mtls-risk');
});

test('what cannot be done or was not read has no impact', () => {
  const objects = [planned(DEPLOYMENT, 'delete')];
  const of = (fields: Partial<PlannedAction>) =>
    withImpacts([action('one/a', { objects, ...fields })], { clusters })[0]?.impact;
  assert.is(of({ change: 'delete' }), 'proxies-reconnect');
  assert.is(of({ change: 'blocked', reason: 'dependency-blocked' }), 'none');
  assert.is(of({ change: 'unknown', reason: 'cluster-unreachable' }), 'none');
});

test('an action has the worst of its objects, a plan the worst of its actions', () => {
  const actions = withImpacts(
    [
      action('one/a', { change: 'delete', objects: [planned(DEPLOYMENT, 'delete')] }),
      action('one/b', {
        change: 'delete',
        objects: [planned('one/v1/ConfigMap/shop/c', 'delete'), planned(REMOTE_SECRET, 'delete')],
      }),
    ],
    { clusters },
  );
  assert.equal(
    actions.map(({ impact }) => impact),
    ['proxies-reconnect', 'mtls-risk'],
  );
  assert.equal(worstImpact({ actions }), { impact: 'mtls-risk', actions: ['one/b'] });
  assert.equal(worstImpact({ actions: [] }), { impact: 'none', actions: [] });
  assert.is(worstOf([undefined, 'new-pods', 'none']), 'new-pods');
});

test('--max-impact refuses each action that does more, and takes what does as much', () => {
  const plan = planWith([
    action('one/a', { change: 'update', impact: 'new-pods' }),
    action('one/b', { change: 'update', impact: 'proxies-reconnect' }),
  ]);
  assert.equal(limitImpact(plan, { maxImpact: 'proxies-reconnect' }).diagnostics, []);
  const [finding, ...others] = limitImpact(plan, { maxImpact: 'new-pods' }).diagnostics;
  assert.is(others.length, 0);
  assert.is(finding?.code, 'impact-exceeded');
  assert.match(finding?.message ?? '', /^one\/b has the impact proxies-reconnect/);
  assert.match(finding?.hint ?? '', '--exclude one/b');
});

test('what a cluster loses that has another role now, when others have taken over', () => {
  const now = [clusterOf('one', 'two'), clusterOf('two', 'two'), clusterOf('three', 'two')];
  const impactOfLoss = (address: string, reason: Reason = 'not-declared') => {
    const object = planned(address, 'delete', { reason });
    const [first] = withImpacts([action('one/removal', { change: 'delete', reason, objects: [object] })], {
      clusters: now,
    });
    return first?.impact;
  };
  const rights = 'rbac.authorization.k8s.io/v1/ClusterRole';
  for (const address of [
    ISTIOD,
    EXTERNAL,
    'one/v1/ServiceAccount/istio-system/istiod',
    `one/${rights}/istiod-clusterrole-istio-system`,
    REMOTE_SECRET,
    `two/${TOKEN}`,
    'two/discovery.k8s.io/v1/EndpointSlice/istio-system/istiod',
  ])
    assert.is(impactOfLoss(address), 'proxies-reconnect', address);
  for (const address of [
    `three/${TOKEN}`,
    'two/v1/Service/istio-system/istiod-external',
    `one/${rights}/istio-reader-clusterrole-istio-system`,
    'one/v1/Secret/istio-system/istio-remote-secret-gone',
    'gone/apps/v1/Deployment/istio-system/istiod',
  ])
    assert.is(impactOfLoss(address), 'mtls-risk', address);
  assert.is(impactOfLoss(ISTIOD, 'destroy'), 'mtls-risk');
});

test.run();
