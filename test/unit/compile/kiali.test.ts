import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isBefore } from '../../../src/apply/effects.js';
import { serverFindings } from '../../../src/facts/servers.js';
import type { Facts } from '../../../src/model/facts.js';
import type { KubeObject } from '../../../src/model/kube.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { Unknown } from '../../../src/model/unknown.js';
import { withoutClusters } from '../../../src/model/without-clusters.js';
import { familyOf } from '../../../src/plan/families.js';
import { action, ancestors, clusterOf, compiled, fullFacts, meshOf } from './support.js';

const meshWith = (kiali: { cluster: string; namespace: string } | undefined): ResolvedMesh =>
  meshOf(
    [
      clusterOf('one', 'one'),
      clusterOf('two', 'one', { apiServer: 'https://api.two:443' }),
      clusterOf('far', 'far'),
    ],
    { monitoring: { alerts: false, dashboards: false, ...(kiali ? { kiali } : {}) } },
  );
const mesh = meshWith({ cluster: 'one', namespace: 'istio-system' });

const knowing = (declared: ResolvedMesh): Facts => ({
  ...fullFacts(declared),
  kialiTokens: {
    two: { token: 'token of Kiali', ca: 'CA of two' },
    far: { token: 'another', ca: 'CA of far' },
  },
});

const ids = (declared: ResolvedMesh) =>
  compiled(declared)
    .filter(({ kind }) => kind.startsWith('kiali'))
    .map(({ id }) => id);

const objectsOf = (id: string, facts?: Facts, declared = mesh): KubeObject[] =>
  action(compiled(declared, facts), id).objects.map(({ object }) => object);

const test = suite("Kiali's credentials");

test('every cluster but that of Kiali, remotes and primaries, and none without a declaration', () => {
  assert.equal(ids(mesh).sort(), ['far/kiali-access', 'one/kiali/far', 'one/kiali/two', 'two/kiali-access']);
  const elsewhere = meshWith({ cluster: 'two', namespace: 'istio-system' });
  assert.equal(ids(elsewhere).sort(), [
    'far/kiali-access',
    'one/kiali-access',
    'two/kiali/far',
    'two/kiali/one',
  ]);
  assert.equal(ids(meshWith(undefined)), []);
  const far = meshWith({ cluster: 'far', namespace: 'istio-system' });
  assert.equal(ids(withoutClusters(far, ['far'])), []);
});

test('an account that may read and nothing else', () => {
  const [account, role, binding, secret] = objectsOf('two/kiali-access');
  const named = [account, role, binding, secret].map((object) => `${object?.kind} ${object?.metadata.name}`);
  assert.equal(
    named,
    ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Secret'].map(
      (kind) => `${kind} kiali-remote-access`,
    ),
  );
  const rules = role?.rules as { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  for (const { apiGroups, resources, verbs } of rules) {
    assert.not.ok(apiGroups.includes('*'));
    assert.ok(verbs.every((verb) => ['get', 'list', 'watch'].includes(verb)));
    // All of a group only where Istio and the Gateway API keep nothing secret in it.
    assert.ok(!resources.includes('*') || apiGroups.every((group) => /\.(istio|k8s)\.io$/.test(group)));
    assert.not.ok(resources.includes('secrets'));
  }
  assert.equal(binding?.subjects, [
    { kind: 'ServiceAccount', name: 'kiali-remote-access', namespace: 'istio-system' },
  ]);
  assert.equal(secret?.metadata.annotations, {
    'kubernetes.io/service-account.name': 'kiali-remote-access',
  });
  assert.not.ok('data' in (secret ?? {}));
});

test('the Secret is what Kiali finds, with the address by which it reaches the cluster', () => {
  const [secret] = objectsOf('one/kiali/two', knowing(mesh));
  assert.is(secret?.metadata.name, 'kiali-remote-cluster-secret-two');
  assert.is(secret?.metadata.labels?.['kiali.io/multiCluster'], 'true');
  assert.is(secret?.metadata.labels?.['istio/multiCluster'], undefined);
  assert.equal(secret?.metadata.annotations, { 'kiali.io/cluster': 'two' });
  const data = secret?.data as Record<string, string>;
  assert.equal(Object.keys(data), ['two']);
  const kubeconfig = JSON.parse(Buffer.from(data.two ?? '', 'base64').toString('utf8'));
  assert.equal(kubeconfig.clusters, [
    {
      name: 'two',
      cluster: {
        server: 'https://api.two:443',
        'certificate-authority-data': Buffer.from('CA of two').toString('base64'),
      },
    },
  ]);
  assert.equal(kubeconfig.users, [{ name: 'two', user: { token: 'token of Kiali' } }]);
  assert.is(kubeconfig['current-context'], 'two');
});

test('until the token is there it is awaited, after the objects that ask for it', () => {
  const { effect } = action(compiled(mesh), 'two/kiali-access');
  assert.equal(effect, {
    type: 'await-token',
    cluster: 'two',
    reader: 'kiali',
    secret: { namespace: 'istio-system', name: 'kiali-remote-access' },
  });
  assert.not.ok(effect === undefined || isBefore(effect));
  const [secret] = objectsOf('one/kiali/two');
  const data = (secret?.data ?? {}) as Record<string, unknown>;
  assert.instance(data.two, Unknown);
  assert.is(action(compiled(mesh, knowing(mesh)), 'two/kiali-access').effect, undefined);
});

test('a token that a fenced cluster may hold is made anew', () => {
  const since = '2026-02-01T10:00:00Z';
  const lost = clusterOf('lost', 'one');
  const fenced = { ...mesh, fenced: [{ ...lost, since, fencedAt: lost.source }] };
  const made = (declared: ResolvedMesh) =>
    action(compiled(declared), 'two/kiali-access').objects.map(({ madeSince }) => madeSince);
  assert.equal(made(fenced), [undefined, undefined, undefined, since]);
  assert.equal(made(mesh), [undefined, undefined, undefined, undefined]);
});

test('the token comes before the Secret, and its namespace before both', () => {
  const declared = {
    ...meshWith({ cluster: 'one', namespace: 'kiali' }),
    namespaces: [
      {
        name: 'kiali',
        injection: false,
        clusters: ['one', 'two', 'far'],
        labels: {},
        annotations: {},
        source: mesh.clusters[0]?.source ?? { file: '', line: 1, column: 1 },
      },
    ],
  };
  const before = ancestors(compiled(declared), 'one/kiali/two');
  for (const id of ['two/kiali-access', 'two/namespace/kiali', 'one/namespace/kiali'])
    assert.ok(before.has(id), id);
  assert.is(objectsOf('one/kiali/two', undefined, declared)[0]?.metadata.namespace, 'kiali');
});

test('nothing of it does anything to traffic', () => {
  for (const action of compiled(mesh).filter(({ kind }) => kind.startsWith('kiali'))) {
    for (const { cluster, object } of action.objects) {
      const { apiVersion, kind, metadata } = object;
      const { name, namespace } = metadata;
      const planned = { cluster, apiVersion, kind, name, ...(namespace ? { namespace } : {}) };
      const family = familyOf({ ...planned, address: '' } as Parameters<typeof familyOf>[0], {
        isPrimary: true,
      });
      assert.equal(Object.values(family).slice(0, 4), ['none', 'none', 'none', 'none'], `${kind} ${name}`);
    }
  }
});

test('a primary that names this machine is refused only where Kiali is to read it', () => {
  const facts = fullFacts(mesh);
  facts.clusters.far = { ...facts.clusters.far, server: 'https://127.0.0.1:6443' } as never;
  const found = (declared: ResolvedMesh) =>
    serverFindings(declared, facts, () => false).map(({ code, message }) => `${code} ${message}`);
  assert.equal(found(mesh), [
    'loopback-server cluster far: https://127.0.0.1:6443 names this machine, so Kiali in one cannot reach it (istio#58047)',
  ]);
  assert.equal(found(meshWith(undefined)), []);
  assert.equal(
    serverFindings(mesh, facts, () => true),
    [],
  );
});

test.run();
