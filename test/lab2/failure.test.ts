import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labStatus } from '../../src/lab/index.js';
import { namesOf, within } from '../../src/lab/network/names.js';
import type { Check, VerifyReport } from '../../src/model/verify.js';
import { ask, countOf, podsOf, statusesOf } from '../support/ask.js';
import { type Lab, labUp } from '../support/lab.js';
import { MESHPLAN, run } from '../support/run.js';
import { until } from '../support/until.js';
import { exposedAt } from './by-hand.js';

let lab: Lab;

const asked = (count: number) => ask(lab, { from: { cluster: 'cluster-1', app: 'frontend' }, count });
const SYSTEM = ['-n', 'istio-system'];
const PRODUCTION = ['-n', 'production'];

/** The checks that failed, as a person reads them: which, where, and the evidence. */
async function failures(): Promise<string[]> {
  const { code, stdout } = await lab.meshplan('verify', '-o', 'json');
  const { checks, ok } = JSON.parse(stdout) as VerifyReport;
  assert.is(code, ok ? 0 : 1);
  const failed = checks.filter(({ status }) => status === 'fail');
  for (const item of failed) assert.ok(item.hint, item.id);
  return failed.map(({ id, cluster, evidence }: Check) => `${id} ${cluster}: ${evidence}`);
}

async function works(): Promise<void> {
  const { code, stdout } = await lab.meshplan('verify');
  assert.is(code, 0, stdout);
}

async function apply(): Promise<string> {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  return stdout;
}

const backends = () => podsOf(lab, 'cluster-2', 'backend');

async function killBackend(): Promise<void> {
  const [pod] = await backends();
  await lab.kubectl('cluster-2', ...PRODUCTION, 'delete', 'pod', pod?.name ?? '', '--wait=false');
}

/** Nothing that an apply would do, and traffic crosses. */
async function isWhole(): Promise<void> {
  await until('three backends', backends, (pods) => pods.length === 3, 60_000);
  assert.match(await apply(), 'No changes.');
  await answers();
}

/** Waits for 20 answers of 20: what became of pods takes a moment to reach the sidecars. */
const answers = () =>
  until(
    'answers',
    () => asked(20),
    (replies) => statusesOf(replies)['200'] === 20,
    60_000,
  );

test('a mesh of two clusters answers', async () => {
  lab = await labUp({ example: 'primary-remote', level: 2 });
  const file = join(lab.folder, 'mesh.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/ +traffic:[\s\S]*?(?= +monitoring:)/, ''));
  await apply();
  await answers();
});

test('istiod scaled to none: traffic goes on, new remote pods are refused', async () => {
  await lab.kubectl('cluster-1', ...SYSTEM, 'scale', 'deployment', 'istiod', '--replicas=0');
  await lab.kubectl(
    'cluster-1',
    ...SYSTEM,
    'wait',
    '--for=delete',
    'pod',
    '-l',
    'app=istiod',
    '--timeout=90s',
  );
  assert.equal(statusesOf(await asked(30)), { 200: 30 });
  // From here on frontends know one pod too many, for nobody tells them.
  await killBackend();
  const events = () =>
    lab.kubectl('cluster-2', ...PRODUCTION, 'get', 'events', '--field-selector=reason=FailedCreate');
  await until('a refusal', events, (text) => text.includes('failed calling webhook'), 60_000);
});

test('... verify and drift say so in one line each, and apply brings it back with the pods that were refused', async () => {
  assert.equal(await failures(), ['istiod-ready cluster-1: Deployment istiod is scaled to 0 replicas']);
  const drift = await lab.meshplan('drift');
  assert.is(drift.code, 2, drift.stderr);
  assert.match(
    drift.stdout,
    /Deployment\/istio-system\/istiod\n +no istiod pod of cluster-1 is ready: cluster-1, cluster-2 get/,
  );
  assert.match(drift.stdout, '1 finding,');
  assert.match(await apply(), 'The mesh works.');
  assert.is((await lab.meshplan('drift')).code, 0);
  await isWhole();
});

test('istiod pods killed: they come back by themselves', async () => {
  await lab.kubectl(
    'cluster-1',
    ...SYSTEM,
    'delete',
    'pod',
    '-l',
    'app=istiod',
    '--force',
    '--grace-period=0',
  );
  assert.equal(statusesOf(await asked(10)), { 200: 10 });
  await until('istiod', failures, (failed) => failed.length === 0, 60_000);
});

test('another address of istiod-external: one line each, and apply gives it to the remote', async () => {
  const before = await exposedAt(lab);
  const patch = JSON.stringify({ status: { loadBalancer: { ingress: null } } });
  const service = [
    'patch',
    'service',
    'istiod-external',
    '--subresource=status',
    '--type=merge',
    '-p',
    patch,
  ];
  await lab.kubectl('cluster-1', ...SYSTEM, ...service);
  const now = await exposedAt(lab);
  assert.is.not(now, before);
  const failed = (await failures()).filter((text) => !text.startsWith('injection cluster-2'));
  assert.equal(failed, [
    `injector-address cluster-2: Service istiod leads to ${before}, but istiod is exposed at ${now}`,
  ]);
  const drift = await lab.meshplan('drift');
  assert.is(drift.code, 2, drift.stderr);
  assert.match(
    drift.stdout,
    `the load balancer answers ${now} now, and the remotes call istiod at ${before}`,
  );
  assert.match(await apply(), 'The mesh works.');
  await killBackend();
  await isWhole();
});

test('a partition: both clusters are there, new remote pods are not; healed, all of it comes back', async () => {
  // Drops what comes from the other node, and what its own pods send out still leaves: a black hole.
  const table = ['iptables', '-w', '-t', 'raw'];
  const hole = ['PREROUTING', '-i', 'eth0', '!', '-s', '172.30.0.254', '-j', 'DROP'];
  const inCluster = (...command: string[]) =>
    run([...within(namesOf(lab.dir).cluster(1)), ...table, ...command]);
  assert.is((await inCluster('-I', ...hole)).code, 0);
  try {
    assert.is(
      countOf(await asked(3), ({ status }) => status === '200'),
      0,
    );
    const failed = await failures();
    assert.ok(
      failed.some((text) => /^injection cluster-2: .*(deadline|timeout|timed out)/i.test(text)),
      failed.join('\n'),
    );
    assert.not.ok(
      failed.some((text) => /^(cluster-reachable|istiod-ready)/.test(text)),
      failed.join('\n'),
    );
  } finally {
    assert.is((await inCluster('-D', ...hole)).code, 0);
  }
  await answers();
  await until('a sound mesh', failures, (failed) => failed.length === 0, 60_000);
});

/** A Deployment of one pod, in a file of its own. */
function manifest(name: string, container: object, namespace = 'production'): string {
  const labels = { app: name };
  const pod = {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'web', image: 'frontend:v1', ...container }],
  };
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } };
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec });
}

test('pods that do not become ready: the words of the kubelet and what to do; pods of before get a sidecar', async () => {
  const declared = await readFile(join(lab.folder, 'mesh.yaml'), 'utf8');
  const probe = { periodSeconds: 1, httpGet: { path: '/', port: 9 } };
  const command = ['/agnhost', 'nonsense'];
  const files: Record<string, string> = {
    image: manifest('image', { image: '127.0.0.1:9/web:v9' }),
    crash: manifest('crash', {
      command,
      readinessProbe: probe,
      terminationMessagePolicy: 'FallbackToLogsOnError',
    }),
    unready: manifest('unready', { readinessProbe: probe }),
    setting: manifest('setting', { envFrom: [{ configMapRef: { name: 'settings' } }] }),
    old: manifest('old', {}, 'legacy'),
  };
  for (const [name, text] of Object.entries(files)) await lab.write(join('apps', `${name}.yaml`), text);
  await lab.kubectl('cluster-2', 'create', 'namespace', 'legacy');
  await lab.kubectl('cluster-2', 'apply', '-f', join(lab.folder, 'apps', 'old.yaml'));
  await lab.kubectl('cluster-2', '-n', 'legacy', 'rollout', 'status', 'deployment/old', '--timeout=60s');
  const entries = Object.keys(files).map(
    (name) => `    - { manifests: apps/${name}.yaml, clusters: [cluster-2], restart: true }\n`,
  );
  const mesh = declared
    .replace(
      '  namespaces:\n',
      '  namespaces:\n    - { name: legacy, injection: true, clusters: [cluster-2] }\n',
    )
    .replace('  workloads:\n', `  workloads:\n${entries.join('')}`);
  await lab.write('mesh.yaml', mesh);

  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '--adopt', '--timeout', '30s');
  assert.is(code, 1, stdout + stderr);
  for (const [pattern, hint] of [
    [
      /image: .* \(pod image-\S+, container web: (ErrImagePull|ImagePullBackOff): .*connection refused/,
      'do not reach the registry',
    ],
    [
      /crash: .* \(pod crash-\S+, container web: .*exit code 1.*unknown command "nonsense"/,
      'kubectl logs .* --previous',
    ],
    [
      /unready: .* \(pod unready-\S+, container web: runs, and is not ready: Readiness probe failed: /,
      'See its probe',
    ],
    [/setting: .*CreateContainerConfigError: configmap "settings" not found\)/, 'Declare the ConfigMap'],
  ] as const) {
    const end = stderr.split(/^(?=cluster-2\/workload\/)/m).findLast((part) => pattern.test(part));
    assert.match(end ?? stderr, pattern);
    assert.match(end ?? '', new RegExp(`\\n  hint: .*${hint}`));
  }
  assert.match(stderr, 'workload/apps-old: done');
  const containers = 'jsonpath={.items[*].spec.initContainers[*].name} {.items[*].spec.containers[*].name}';
  assert.match(
    await lab.kubectl('cluster-2', '-n', 'legacy', 'get', 'pods', '-o', containers),
    'istio-proxy',
  );

  const plan = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(plan.code, 0, plan.stdout + plan.stderr);
  assert.is(plan.stderr.match(/warning rollout-unfinished /g)?.length, 4, plan.stderr);
  const target = ['--target', 'cluster-2/workload/apps-setting'];
  const again = await lab.meshplan('apply', '-y', ...target, '--timeout', '5s');
  assert.is(again.code, 1, 'the next apply waits for it too, though nothing changes');
  assert.match(again.stderr, 'configmap "settings" not found');
  await lab.kubectl('cluster-2', ...PRODUCTION, 'create', 'configmap', 'settings');
  const done = await lab.meshplan('apply', '-y', ...target);
  assert.is(done.code, 0, done.stdout + done.stderr);

  await lab.write('mesh.yaml', declared);
  await lab.kubectl('cluster-2', ...PRODUCTION, 'delete', 'configmap', 'settings');
  await apply();
  await lab.kubectl('cluster-2', 'delete', 'namespace', 'legacy', '--wait=false');
});

test("a remote's API server killed: one line each, and traffic goes on", async () => {
  const { clusters } = await labStatus({ dir: lab.dir });
  const server = clusters[1]?.processes.find(({ name }) => name === 'kube-apiserver');
  process.kill(server?.pid ?? 0, 'SIGKILL');
  const [failed = '', ...more] = await failures();
  assert.match(failed, /^cluster-reachable cluster-2: cluster-2: the API server does not answer: /);
  assert.equal(more, []);
  const drift = await lab.meshplan('drift');
  assert.is(drift.code, 4);
  assert.match(drift.stderr, 'warning cluster-unreachable cluster cluster-2 cannot be read');
  assert.match(drift.stdout, 'No drift in what could be read. Not read: cluster-2.');
  assert.equal(statusesOf(await asked(20)), { 200: 20 });
  const applied = await lab.meshplan('apply', '-y');
  assert.is(applied.code, 4, applied.stdout);
  assert.match(applied.stdout, 'not read: cluster-2');
});

test('... and with the server back, nothing is left to mend', async () => {
  const up = await run([process.execPath, MESHPLAN, 'lab', 'up', '--level', '2'], { cwd: lab.folder });
  assert.is(up.code, 0, up.stderr);
  await until('a sound mesh', failures, (failed) => failed.length === 0, 60_000);
  await works();
  await isWhole();
});

test('the lab goes without a trace', () => lab.down());

test.run();
