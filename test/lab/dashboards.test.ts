import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../src/model/kube.js';
import type { VerifyReport } from '../../src/model/verify.js';
import { dashboardsIn, type Question, questionsOf } from '../support/dashboards.js';
import { type Lab, labUp } from '../support/lab.js';
import { istiodJob, type Prometheus, promtool, startPrometheus } from '../support/prometheus.js';
import { connectProxy, type ProxyPod } from '../support/proxy.js';
import { until } from '../support/until.js';
import { NOT_IN_LAB, RECORDED } from './recorded-series.js';

const POD: ProxyPod = {
  cluster: 'cluster-2',
  namespace: 'production',
  name: 'backend-0',
  address: '10.102.0.9',
};
const SYSTEM = ['-n', 'istio-system'];
const KIALI_SECRET = 'kiali-remote-cluster-secret-cluster-2';
const KIALI_OVERLAY = ['--overlay', 'kiali.yaml'];

let lab: Lab;
let prometheus: Prometheus;

async function apply(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', ...args);
  assert.is(code, 0, stdout + stderr);
  return stdout + stderr;
}

/** What the dashboards in the cluster ask, with intervals for a Prometheus that scrapes once a second. */
async function questions(intervals?: { rate: string; range: string }): Promise<Question[]> {
  const args = [...SYSTEM, 'get', 'configmaps', '-l', 'grafana_dashboard=1', '-o', 'json'];
  const { items } = JSON.parse(await lab.kubectl('cluster-1', ...args)) as { items: KubeObject[] };
  return [...dashboardsIn(items).values()].flatMap((dashboard) => questionsOf(dashboard, intervals));
}

/** An answer of kubectl, which may be that it was refused. */
const kubectl = (cluster: string, ...args: string[]) => lab.run('kubectl', '--context', cluster, ...args);

const textOf = async (cluster: string, secret: string, key: string) => {
  const path = `jsonpath={.data.${key}}`;
  const data = await lab.kubectl(cluster, ...SYSTEM, 'get', 'secret', secret, '-o', path);
  return Buffer.from(data, 'base64').toString('utf8');
};

const rule = (name: string, hosts: string[]) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  // istiod's webhook looks at what has its revision.
  metadata: { name, namespace: 'production', labels: { 'istio.io/rev': 'default' } },
  spec: { hosts, http: [{ route: [{ destination: { host: hosts[0] } }] }] },
});

test('the dashboards are in the cluster, and promtool understands every query', async () => {
  lab = await labUp({ example: 'primary-remote' });
  await lab.write('kiali.yaml', 'spec: { monitoring: { kiali: {} } }\n');
  await apply('--quiet', ...KIALI_OVERLAY);
  const all = await questions();
  assert.ok(all.length > 70);
  const rules = all.map(({ expr }, index) => ({ record: `query_${index}`, expr }));
  const rulesFile = { groups: [{ name: 'dashboards', rules }] };
  const { code, stdout, stderr } = await promtool(['check', 'rules', 'rules.json'], {
    'rules.json': rulesFile,
  });
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, `${all.length} rules found`);
});

test('what the lab cannot have is asked rightly: of recorded series each query gives what it should', async () => {
  const byName = new Map((await questions()).map(({ name, expr }) => [name, expr]));
  const expected = NOT_IN_LAB.flatMap(({ gives }) => Object.entries(gives));
  const promql_expr_test = expected.map(([name, samples]) => ({
    expr: byName.get(name) ?? `no panel ${name}`,
    eval_time: '2h',
    exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
  }));
  const file = {
    evaluation_interval: '1m',
    fuzzy_compare: true,
    tests: [{ interval: '1m', input_series: RECORDED, promql_expr_test }],
  };
  const { code, stdout, stderr } = await promtool(['test', 'rules', 'test.json'], { 'test.json': file });
  assert.is(code, 0, stdout + stderr);
});

test('all others have samples in a Prometheus that scrapes istiod', async () => {
  prometheus = await startPrometheus({ jobs: [await istiodJob(lab, ['cluster-1'])] });
  const proxy = await connectProxy(lab, 'cluster-1', POD, 'acks');
  try {
    const files = await Promise.all([
      lab.write('right.json', JSON.stringify(rule('right', ['right.example']))),
      lab.write('wrong.json', JSON.stringify(rule('wrong', ['*.*.example']))),
    ]);
    const [right, wrong] = await Promise.all(files.map((file) => kubectl('cluster-1', 'apply', '-f', file)));
    assert.is(right?.code, 0, right?.stderr);
    assert.match(wrong?.stderr ?? '', 'denied the request');
    for (const annotation of ['sidecar.istio.io/inject=false', 'sidecar.istio.io/proxyCPU=much']) {
      const pod = ['run', 'tried', '--image=tried', '--dry-run=server', `--annotations=${annotation}`];
      await kubectl('cluster-2', '-n', 'production', ...pod);
    }
    proxy.turn({ rejects: 'refused by a test' });
    const missing = new Set(NOT_IN_LAB.flatMap(({ gives }) => Object.keys(gives)));
    const asked = await questions({ rate: '2m', range: '2m' });
    const empty = async () => {
      const answers = await Promise.all(asked.map(({ expr }) => prometheus.query(expr)));
      return asked.filter((_, index) => answers[index]?.length === 0).map(({ name }) => name);
    };
    const found = await until('samples', empty, (names) => names.every((name) => missing.has(name)));
    // What the lab has after all is no exception.
    const never = NOT_IN_LAB.filter(({ sometimes }) => !sometimes).flatMap(({ gives }) => Object.keys(gives));
    for (const name of never) assert.ok(found.includes(name), name);
  } finally {
    proxy.close();
    await prometheus.end();
  }
});

test('the kubeconfig that Kiali is given reads the other cluster, and writes nothing there', async () => {
  const file = await lab.write('kiali.kubeconfig', await textOf('cluster-1', KIALI_SECRET, 'cluster-2'));
  const asKiali = (...args: string[]) => lab.run('kubectl', '--kubeconfig', file, ...args);
  const kinds =
    'namespaces,pods,services,configmaps,deployments,replicasets,virtualservices,authorizationpolicies';
  const read = await asKiali('get', kinds, '--all-namespaces', '-o', 'name');
  assert.is(read.code, 0, read.stderr);
  assert.match(read.stdout, 'deployment.apps/backend');
  const refused = [
    ['get', 'secrets', '--all-namespaces'],
    ['-n', 'production', 'create', 'configmap', 'mine'],
    ['-n', 'production', 'scale', 'deployment', 'backend', '--replicas=0'],
    ['-n', 'production', 'delete', 'service', 'backend'],
    ['-n', 'production', 'create', 'token', 'default'],
  ];
  for (const args of refused) {
    const { code, stderr } = await asKiali(...args);
    assert.is(code, 1, args.join(' '));
    assert.match(stderr, /forbidden/i, args.join(' '));
  }
  const forward = await asKiali('-n', 'production', 'auth', 'can-i', 'create', 'pods/portforward');
  assert.is(forward.stdout.trim(), 'no');
});

test('a token that is deleted is made anew, in one apply, and is never shown', async () => {
  const old = await textOf('cluster-2', 'kiali-remote-access', 'token');
  await lab.kubectl('cluster-2', ...SYSTEM, 'delete', 'secret', 'kiali-remote-access');
  const drift = await lab.meshplan('drift', ...KIALI_OVERLAY);
  assert.is(drift.code, 2, drift.stderr);
  assert.match(drift.stdout, 'cluster-2/v1/Secret/istio-system/kiali-remote-access');
  const said = await apply('--verbose', ...KIALI_OVERLAY);
  const token = await textOf('cluster-2', 'kiali-remote-access', 'token');
  assert.is.not(token, old);
  assert.match(await textOf('cluster-1', KIALI_SECRET, 'cluster-2'), token);
  const again = await lab.meshplan('plan', '--detailed-exitcode', '-o', 'json', ...KIALI_OVERLAY);
  assert.is(again.code, 0, again.stdout);
  const state = await readFile(join(lab.folder, 'meshplan.state.json'), 'utf8');
  for (const text of [drift.stdout, said, again.stdout, state]) {
    for (const canary of [old, token]) assert.not.ok(text.includes(canary));
  }
  const verify = await lab.meshplan('verify', '-o', 'json', ...KIALI_OVERLAY);
  const { checks } = JSON.parse(verify.stdout) as VerifyReport;
  const found = checks.filter(({ id }) => id === 'kiali-secret');
  assert.equal(
    found.map(({ cluster, status }) => [cluster, status]),
    [['cluster-2', 'pass']],
  );
});

test('without the declaration all of it goes', async () => {
  await apply('--quiet');
  for (const cluster of ['cluster-1', 'cluster-2']) {
    const kinds = 'serviceaccounts,secrets,clusterroles,clusterrolebindings';
    const left = await lab.kubectl(cluster, 'get', kinds, '--all-namespaces', '-o', 'name');
    assert.not.match(left, 'kiali');
  }
  await lab.down();
});

test.run();
