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

function expressions(rules: AlertRule[]): string[] {
  return rules.map((rule) => `${rule.alert} ${rule.labels.severity} ${rule.for} ${rule.expr}`);
}

const SYNCED = 'istiod_remote_cluster_sync_status';

const test = suite('monitoring');

test('the alerts of the example', () => {
  const timeouts = 'remote_cluster_sync_timeouts_total';
  const rejects = 'pilot_total_xds_rejects';
  const root = 'min(citadel_server_root_cert_expiry_timestamp) - time()';
  const signing = 'min(citadel_server_cert_chain_expiry_timestamp) - time()';
  assert.equal(expressions(rulesOf(mesh())), [
    'MeshIstiodAbsent critical 5m absent(pilot_info)',
    `MeshClusterNotSynced critical 5m min by (cluster) (${SYNCED}{cluster=~"cluster-2",status="synced"}) == 0`,
    `MeshClusterUnknown critical 10m (absent(${SYNCED}{cluster="cluster-2"})) and on () count(pilot_info)`,
    `MeshClusterSyncTimeout warning 1m sum by (cluster) ((increase(${timeouts}[15m]) > 0) or (${timeouts} unless last_over_time(${timeouts}[1h] offset 15m)))`,
    `MeshRootCertificateExpiring warning 1h ${root} < 7776000`,
    `MeshRootCertificateExpiring critical 1h ${root} < 1944000`,
    `MeshSigningCertificateExpiring warning 1h ${signing} < 5184000`,
    `MeshSigningCertificateExpiring critical 1h ${signing} < 1296000`,
    `MeshConfigRejected warning 1m sum by (type) ((increase(${rejects}[15m]) > 0) or (${rejects} unless last_over_time(${rejects}[1h] offset 15m)))`,
  ]);
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
  const [, notSynced, unknown] = rulesOf(declared);
  assert.is(notSynced?.expr, `min by (cluster) (${SYNCED}{cluster=~"east|west",status="synced"}) == 0`);
  assert.is(
    unknown?.expr,
    `(absent(${SYNCED}{cluster="east"}) or absent(${SYNCED}{cluster="west"})) and on () count(pilot_info)`,
  );
  const reordered = mesh({ clusters: clusters.toReversed() });
  assert.equal(monitoringObjects(reordered, withoutCrd), monitoringObjects(declared, withoutCrd));
});

test('a primary is asked about its own remotes only', () => {
  const clusters = [cluster('a', 'a'), cluster('a-remote', 'a'), cluster('b', 'b'), cluster('b-remote', 'b')];
  const [, notSynced] = rulesOf(mesh({ clusters }), 'b');
  assert.is(notSynced?.expr, `min by (cluster) (${SYNCED}{cluster=~"b-remote",status="synced"}) == 0`);
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
