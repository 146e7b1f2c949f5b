import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AlertRule, RulesFile } from '../../src/compile/monitoring/alerts.js';
import type { KubeObject } from '../../src/model/kube.js';
import { type Lab, labUp } from '../support/lab.js';
import { istiodJob, type Prometheus, type ScrapeJob, startPrometheus } from '../support/prometheus.js';
import { connectProxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import { crdOf } from '../unit/compile/support.js';

/** As a rollout of istiod waits for a cluster that does not answer, which is for half a minute unless told. */
const OVERLAY = 'spec: { istio: { values: { pilot: { env: { PILOT_REMOTE_CLUSTER_TIMEOUT: 5s } } } } }\n';
const SYSTEM = ['-n', 'istio-system'];

let lab: Lab;
let prometheus: Prometheus;
let live: RulesFile;

const apply = async () => {
  const { code, stderr } = await lab.meshplan('apply', '-y', '--quiet', '--overlay', 'fast.yaml');
  assert.is(code, 0, stderr);
};

/** The rule with seconds in place of minutes: nobody waits a quarter of an hour here. */
function hurried(rule: AlertRule): AlertRule {
  const expr = rule.expr.replaceAll(/\[(5m|15m)\]/g, '[30s]').replaceAll('offset 15m', 'offset 30s');
  return { ...rule, expr, for: '2s' };
}

/** How Prometheus asks a remote's API server itself, with the rights that docs/monitoring.md gives it. */
async function apiServerJob(cluster: string): Promise<ScrapeJob> {
  const account = ['-n', 'kube-system', 'create'];
  await lab.kubectl(cluster, ...account, 'serviceaccount', 'mesh-prometheus');
  const binding = ['--clusterrole=system:monitoring', '--serviceaccount=kube-system:mesh-prometheus'];
  await lab.kubectl(cluster, 'create', 'clusterrolebinding', 'mesh-prometheus', ...binding);
  const token = await lab.kubectl(cluster, ...account, 'token', 'mesh-prometheus');
  const { clusters } = JSON.parse(await readFile(join(lab.dir, 'kubeconfig'), 'utf8')) as {
    clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  };
  const entry = clusters.find(({ name }) => name === cluster)?.cluster;
  assert.ok(entry);
  const ca = Buffer.from(entry?.['certificate-authority-data'] ?? '', 'base64').toString();
  return {
    job_name: `mesh-api-servers/${cluster}`,
    scheme: 'https',
    metrics_path: '/metrics/slis',
    authorization: { credentials_file: await lab.write(`${cluster}.token`, token.trim()) },
    tls_config: { ca_file: await lab.write(`${cluster}.crt`, ca) },
    static_configs: [
      { targets: [new URL(entry?.server ?? '').host], labels: { job: 'mesh-api-servers', cluster } },
    ],
  };
}

test('Prometheus takes the rules as they stand in the cluster, and none fires while the mesh is well', async () => {
  lab = await labUp({ example: 'primary-remote' });
  await lab.write('fast.yaml', OVERLAY);
  await apply();
  const stored = await lab.kubectl(
    ...['cluster-1', ...SYSTEM, 'get', 'configmap', 'meshplan-alerts', '-o', 'json'],
  );
  const { data } = JSON.parse(stored) as { data: Record<string, string> };
  live = JSON.parse(data['mesh.rules.yaml'] ?? '') as RulesFile;
  const groups = live.groups.map((group) => ({ ...group, rules: group.rules.map(hurried) }));
  prometheus = await startPrometheus({
    rules: { groups },
    jobs: [await istiodJob(lab, ['cluster-1']), await apiServerJob('cluster-2')],
  });
  // Longer than any of these rules waits.
  const steady = () => prometheus.query('count_over_time(up[1m]) >= 6 and up == 1');
  await until('istiod and the API server have been scraped', steady, ({ length }) => length === 2);
  assert.equal(await prometheus.alerts(), []);
});

test('a proxy that rejects configuration, and pods that are refused', async () => {
  const sidecar = { cluster: 'cluster-2', namespace: 'production', name: 'backend-0', address: '10.102.0.9' };
  const proxy = await connectProxy(lab, 'cluster-1', sidecar, { rejects: 'a wrong listener' });
  const pod = ['run', 'wrong', '--image=wrong', '--annotations=inject.istio.io/templates=none'];
  const kubectl = ['kubectl', '--context', 'cluster-2', '-n', 'production'];
  const { stderr } = await lab.run(...kubectl, ...pod, '--dry-run=server');
  assert.match(stderr, 'failed to run injection template');
  const firing = await prometheus.untilFiring(['MeshConfigRejected', 'MeshInjectionFailing']);
  const [rejected] = firing.filter(({ labels }) => labels.alertname === 'MeshConfigRejected');
  assert.equal(rejected?.labels, {
    alertname: 'MeshConfigRejected',
    mesh: 'mesh1',
    severity: 'warning',
    type: 'lds',
  });
  proxy.close();
});

test("a remote's API server that is killed: Prometheus sees it, istiod goes on to call the cluster synced", async () => {
  await lab.meshplan('lab', 'stop', 'cluster-2');
  // And no others: what was rejected and refused once is over.
  await prometheus.untilFiring(['MeshClusterApiServerDown'], 60_000);
  const synced = await prometheus.query('istiod_remote_cluster_sync_status{status="synced"}');
  assert.equal(
    synced.map(({ metric, value }) => [metric.cluster, value]),
    [['cluster-2', 1]],
  );
});

test('istiod that is gone; and when it is back, the cluster that it starts without', async () => {
  const scale = (replicas: number) =>
    lab.kubectl('cluster-1', ...SYSTEM, 'scale', 'deployment', 'istiod', `--replicas=${replicas}`);
  await scale(0);
  await prometheus.untilFiring(['MeshClusterApiServerDown', 'MeshIstiodAbsent']);
  await scale(3);
  await prometheus.untilFiring([
    'MeshClusterApiServerDown',
    'MeshClusterNotSynced',
    'MeshClusterSyncTimeout',
  ]);
});

test('all is quiet when the cluster is back', async () => {
  await lab.meshplan('lab', 'start', 'cluster-2');
  await prometheus.untilFiring([], 90_000);
  await prometheus.end();
});

test('once the CRD is served, the same rules become a PrometheusRule', async () => {
  const crd = crdOf('monitoring.coreos.com', 'PrometheusRule') as KubeObject & {
    spec: { versions: object[] };
  };
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  const served = { ...crd, spec: { ...crd.spec, versions: [{ ...crd.spec.versions[0], schema }] } };
  await lab.kubectl('cluster-1', 'apply', '-f', await lab.write('crd.json', JSON.stringify(served)));
  await apply();
  const names = ['get', 'prometheusrules,configmaps', '-o', 'name'];
  const found = (await lab.kubectl('cluster-1', ...SYSTEM, ...names)).split('\n');
  assert.equal(
    found.filter((name) => name.endsWith('/meshplan-alerts')),
    ['prometheusrule.monitoring.coreos.com/meshplan-alerts'],
  );
  const stored = await lab.kubectl(
    ...['cluster-1', ...SYSTEM, 'get', 'prometheusrule', 'meshplan-alerts', '-o', 'json'],
  );
  assert.equal((JSON.parse(stored) as { spec: RulesFile }).spec, live);
  await lab.down();
});

test.run();
