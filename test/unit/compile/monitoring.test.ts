import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AlertRule, RulesFile } from '../../../src/compile/monitoring/alerts.js';
import { monitoringObjects } from '../../../src/compile/monitoring.js';
import type { KubeObject } from '../../../src/model/kube.js';
import type { ResolvedCluster, ResolvedMesh } from '../../../src/model/resolved-mesh.js';

const source = { file: 'mesh.yaml', line: 1, column: 1 };

function cluster(name: string, primary: string): ResolvedCluster {
  return {
    name,
    context: name,
    role: name === primary ? 'primary' : 'remote',
    primary,
    network: 'network1',
    labels: {},
    values: {},
    controlPlane: { replicas: 1, exposure: { type: 'LoadBalancer', annotations: {}, allowFrom: [] } },
    source,
  };
}

function mesh(fields: Partial<ResolvedMesh> = {}): ResolvedMesh {
  return {
    name: 'mesh1',
    istio: { version: '1.31', meshConfig: {}, values: {} },
    trust: {
      domain: 'cluster.local',
      source: 'generated',
      root: { organization: 'Istio', validityDays: 3650, keyBits: 3072 },
      intermediates: { validityDays: 730, renewBeforeDays: 60 },
      remoteKeys: true,
    },
    networks: ['network1'],
    clusters: [cluster('cluster-1', 'cluster-1'), cluster('cluster-2', 'cluster-1')],
    fenced: [],
    namespaces: [],
    workloads: [],
    traffic: [],
    monitoring: { alerts: true, dashboards: true },
    drift: { ignore: [] },
    lint: { severities: {}, waivers: [] },
    overlays: [],
    ...fields,
  };
}

const withoutCrd = { prometheusRules: false };

function fileIn(object: KubeObject | undefined): { name: string; text: string } {
  const [[name, text] = ['', '']] = Object.entries((object?.data ?? {}) as Record<string, string>);
  return { name, text };
}

function rulesOf(declared: ResolvedMesh, primary?: string): AlertRule[] {
  const options = primary === undefined ? withoutCrd : { ...withoutCrd, primary };
  const [alerts] = monitoringObjects(declared, options);
  return (JSON.parse(fileIn(alerts).text) as RulesFile).groups.flatMap((group) => group.rules);
}

function ruleOf(alert: string, declared: ResolvedMesh, primary?: string): AlertRule | undefined {
  return rulesOf(declared, primary).find((rule) => rule.alert === alert);
}

const SYNCED = 'istiod_remote_cluster_sync_status';

const test = suite('monitoring');

test('the alerts of the example', () => {
  assert.equal(
    rulesOf(mesh()).map((rule) => `${rule.alert} ${rule.labels.severity} ${rule.for}`),
    [
      'MeshIstiodAbsent critical 5m',
      'MeshInjectionFailing warning 1m',
      'MeshWebhookNotUpdated warning 10m',
      'MeshCertificatesRefused warning 10m',
      'MeshClusterNotSynced critical 5m',
      'MeshClusterUnknown critical 10m',
      'MeshClusterSyncTimeout warning 1m',
      'MeshClusterWatchFailing critical 10m',
      'MeshClusterApiServerDown critical 2m',
      'MeshConfigRejected warning 1m',
      'MeshPushFailing warning 10m',
      'MeshProxiesLost warning 5m',
      'MeshRootCertificateExpiring warning 1h',
      'MeshRootCertificateExpiring critical 1h',
      'MeshSigningCertificateExpiring warning 1h',
      'MeshSigningCertificateExpiring critical 1h',
    ],
  );
});

test('every alert names the mesh and explains itself', () => {
  for (const rule of rulesOf(mesh())) {
    assert.equal(Object.keys(rule), ['alert', 'expr', 'for', 'labels', 'annotations']);
    assert.is(rule.labels.mesh, 'mesh1');
    assert.ok(rule.annotations.summary.length > 0 && rule.annotations.description.length > 0);
  }
});

test('without the CRD the rules are a file in a ConfigMap', () => {
  const [alerts] = monitoringObjects(mesh(), withoutCrd);
  assert.is(alerts?.apiVersion, 'v1');
  assert.is(alerts?.kind, 'ConfigMap');
  assert.equal(alerts?.metadata, { name: 'meshplan-alerts', namespace: 'istio-system' });
  assert.is(fileIn(alerts).name, 'mesh.rules.yaml');
});

test('with the CRD the same rules are a PrometheusRule', () => {
  const [alerts] = monitoringObjects(mesh(), { prometheusRules: true });
  assert.equal(alerts, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'meshplan-alerts', namespace: 'istio-system' },
    spec: { groups: [{ name: 'meshplan', rules: rulesOf(mesh()) }] },
  });
});

test('a mesh without remotes has no alert about them', () => {
  const alone = mesh({ clusters: [cluster('cluster-1', 'cluster-1')] });
  assert.equal(
    rulesOf(alone).filter((rule) => rule.alert.startsWith('MeshCluster')),
    [],
  );
});

test('several remotes are named in a fixed order', () => {
  const names = ['west', 'east'].map((name) => cluster(name, 'cluster-1'));
  const clusters = [cluster('cluster-1', 'cluster-1'), ...names];
  const declared = mesh({ clusters });
  assert.is(
    ruleOf('MeshClusterNotSynced', declared)?.expr,
    `min by (cluster) (${SYNCED}{cluster=~"east|west",status="synced"}) == 0`,
  );
  assert.is(
    ruleOf('MeshClusterUnknown', declared)?.expr,
    `(absent(${SYNCED}{cluster="east"}) or absent(${SYNCED}{cluster="west"})) and on () count(pilot_info)`,
  );
  const reordered = mesh({ clusters: clusters.toReversed() });
  assert.equal(monitoringObjects(reordered, withoutCrd), monitoringObjects(declared, withoutCrd));
});

test('a primary is asked about its own remotes only', () => {
  const clusters = [cluster('a', 'a'), cluster('a-remote', 'a'), cluster('b', 'b'), cluster('b-remote', 'b')];
  assert.is(
    ruleOf('MeshClusterNotSynced', mesh({ clusters }), 'b')?.expr,
    `min by (cluster) (${SYNCED}{cluster=~"b-remote",status="synced"}) == 0`,
  );
});

test('certificate alerts follow the declared lifetimes', () => {
  const { trust } = mesh();
  const shortLived = mesh({
    trust: {
      ...trust,
      root: { ...trust.root, validityDays: 40 },
      intermediates: { validityDays: 20, renewBeforeDays: 4 },
    },
  });
  const limits = rulesOf(shortLived)
    .filter((rule) => rule.alert.endsWith('Expiring'))
    .map((rule) => Number(rule.expr.split(' < ')[1]) / 86_400);
  assert.equal(limits, [10, 2.5, 4, 1]);
});

test('alerts and dashboards are made only where asked for', () => {
  const kinds = (alerts: boolean, dashboards: boolean) =>
    monitoringObjects(mesh({ monitoring: { alerts, dashboards } }), withoutCrd).map(
      (object) => object.metadata.name,
    );
  assert.equal(kinds(false, false), []);
  assert.equal(kinds(true, false), ['meshplan-alerts']);
  const dashboards = ['mesh', 'control-plane', 'traffic'].map((name) => `meshplan-dashboard-${name}`);
  assert.equal(kinds(false, true), dashboards);
  assert.equal(kinds(true, true), ['meshplan-alerts', ...dashboards]);
});

test.run();
