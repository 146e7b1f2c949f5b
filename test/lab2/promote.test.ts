import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namesOf, within } from '../../src/lab/network/names.js';
import { ask, podOf, statusesOf } from '../support/ask.js';
import { type Lab, labUp } from '../support/lab.js';
import { MESHPLAN, type Running, run, start } from '../support/run.js';
import { until } from '../support/until.js';

let lab: Lab;
let stream: Running;
const PRODUCTION = ['-n', 'production'];

/** A `lab` command, from outside of the lab. */
async function power(...args: string[]): Promise<void> {
  const { code, stderr } = await run([process.execPath, MESHPLAN, 'lab', ...args], { cwd: lab.folder });
  assert.is(code, 0, stderr);
}

async function succeeds(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.meshplan(...args);
  assert.is(code, 0, stdout + stderr);
  return stdout;
}

/** mesh.yaml with another text in it. */
async function edit(change: (text: string) => string): Promise<void> {
  const file = join(lab.folder, 'mesh.yaml');
  await writeFile(file, change(await readFile(file, 'utf8')));
}

/** Asks for the backend some twenty times a second until it is killed: a line for each answer. */
async function beginStream(): Promise<Running> {
  const pod = await podOf(lab, 'cluster-2', 'frontend');
  const url = 'http://backend.production.svc.cluster.local/hostname';
  const loop = `while :; do curl -s -m 5 -o /dev/null -w '%{http_code}\\n' ${url}; sleep 0.05; done`;
  const kubectl = [join(lab.dir, 'bin', 'kubectl'), '--context', 'cluster-2', ...PRODUCTION];
  const command = [...kubectl, 'exec', pod, '-c', 'frontend', '--', 'sh', '-c', loop];
  return start([...within(namesOf(lab.dir).hub), ...command], { env: lab.env, limitMs: 400_000 });
}

/** How often each status came since the stream began. */
function answers(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const status of stream.seen().split('\n').filter(Boolean)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** A new pod of an injected namespace; what its creation says. */
const newPod = (name: string) =>
  lab.run(
    ...['kubectl', '--context', 'cluster-2', ...PRODUCTION, 'run', name, '--image=frontend:v1'],
    '--labels=app=late',
  );

test('a mesh under traffic', async () => {
  lab = await labUp({ example: 'primary-remote', level: 2 });
  await edit((text) =>
    text
      .replace(/ +traffic:[\s\S]*?(?= +monitoring:)/, '')
      .replace('replicas: 3', 'replicas: 1')
      .replace(/(frontend\.yaml\n +clusters: )\[cluster-1\]/, '$1[cluster-1, cluster-2]'),
  );
  await succeeds('apply', '-y', '--quiet');
  stream = await beginStream();
  await until(
    'answers',
    async () => answers()['200'] ?? 0,
    (count) => count > 20,
  );
});

test('the primary is lost: requests between living pods go on, new pods are refused', async () => {
  await power('stop', 'cluster-1');
  const { code, stderr } = await newPod('late');
  assert.is(code, 1);
  assert.match(stderr, 'failed calling webhook');
});

test('promote: the remote becomes the primary, and new pods get their sidecar', async () => {
  const began = performance.now();
  const { code, stdout, stderr } = await lab.meshplan('promote', 'cluster-2', '-y');
  assert.is(code, 0, stdout + stderr);
  console.log(`promote took ${Math.round(performance.now() - began)} ms`);
  assert.match(stdout, 'Failover: cluster-1 is fenced');
  assert.match(stdout, 'new pods of injected namespaces of cluster-2 are refused');
  assert.is((await newPod('late')).code, 0);
  await lab.kubectl('cluster-2', ...PRODUCTION, 'wait', 'pod/late', '--for=condition=Ready', '--timeout=60s');
  const path = 'jsonpath={.spec.initContainers[*].env[?(@.name=="ISTIO_META_CLUSTER_ID")].value}';
  assert.is(await lab.kubectl('cluster-2', ...PRODUCTION, 'get', 'pod', 'late', '-o', path), 'cluster-2');
});

test('... the old one could read nothing there any more, and a second plan is empty', async () => {
  const secrets = await lab.kubectl('cluster-2', '-n', 'istio-system', 'get', 'secrets', '-o', 'name');
  assert.not.match(secrets, 'istio-reader-service-account');
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
});

test('verify --traffic passes on the survivor', async () => {
  assert.match(await succeeds('verify', '--traffic'), 'The mesh works.');
});

test('the old primary comes back: drift says what it is now', async () => {
  await power('start', 'cluster-1');
  const { code, stdout } = await lab.meshplan('drift');
  assert.is(code, 2, stdout);
  assert.match(stdout, /cluster-1.*primary/);
});

test('... without its fence it becomes a remote, and nothing of the primary is left in it', async () => {
  await edit((text) => text.replace(/\n +fenced:[^\n]*/, ''));
  await succeeds('apply', '-y');
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
  const left = ['get', 'deployments,endpointslices,endpoints', '-o', 'name'];
  const names = await lab.kubectl('cluster-1', '-n', 'istio-system', ...left);
  assert.is(names.trim(), 'endpointslice.discovery.k8s.io/istiod');
});

test('traffic crosses again, and of all requests since the beginning none that counts has failed', async () => {
  // Its pods began anew with the node.
  const rollout = ['rollout', 'status', 'deployment/frontend', '--timeout=90s'];
  await lab.kubectl('cluster-1', ...PRODUCTION, ...rollout);
  const question = { from: { cluster: 'cluster-1', app: 'frontend' }, count: 20 };
  await until(
    'answers',
    () => ask(lab, question),
    (replies) => statusesOf(replies)['200'] === 20,
    60_000,
  );
  assert.match(await succeeds('verify'), 'The mesh works.');
  stream.kill('SIGKILL');
  await stream.answer;
  const { 200: answered = 0, ...failed } = answers();
  const count = Object.values(failed).reduce((sum, item) => sum + item, 0);
  console.log(`${answered + count} requests between living pods, ${count} failed ${JSON.stringify(failed)}`);
  assert.ok(answered > 500 && count * 1000 <= answered, JSON.stringify(answers()));
});

test('the lab goes, and nothing is left', () => lab.down());

test.run();
