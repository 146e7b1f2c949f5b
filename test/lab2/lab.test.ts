import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../src/errors/index.js';
import { AGNHOST_IMAGE } from '../../src/lab/images/names.js';
import { type LabEvent, labDown, labStart, labStatus, labStop, labUp } from '../../src/lab/index.js';
import { namesOf, within } from '../../src/lab/network/names.js';
import { labFolder, processesOf, readKubeconfig, twoClusters } from '../lab/lab-support.js';
import { until } from '../support/until.js';
import { inHub, kubectl, LONG_NAME, twoRealClusters } from './lab2-support.js';

const dir = labFolder();
const names = namesOf(dir);
const quiet = () => undefined;
const codeOf = (error: unknown) => (error instanceof MeshplanError ? error.code : String(error));
const CONTEXTS = ['cluster-1', 'cluster-2'] as const;
type Context = (typeof CONTEXTS)[number];

const mounts = () => readFileSync('/proc/mounts', 'utf8').split('\n');
const podOf = (context: Context) =>
  kubectl(dir, context, 'get', 'pod', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}');
const addressOf = (context: Context) =>
  kubectl(dir, context, 'get', 'pod', '-l', 'app=web', '-o', 'jsonpath={.items[0].status.podIP}');
const curl = (...args: string[]) => ['curl', '-s', '-m', '5', ...args];
async function fromPod(context: Context, ...command: string[]): Promise<string> {
  return kubectl(dir, context, 'exec', await podOf(context), '--', ...command);
}

test('two clusters with real nodes come up in time', async () => {
  const events: LabEvent[] = [];
  const status = await labUp(await twoRealClusters(dir, events));
  assert.is(status.state, 'running');
  assert.is(status.level, 2);
  const took = events.find((event) => event.type === 'lab.ready')?.durationMs ?? Number.NaN;
  console.log(`two clusters were ready in ${took} ms`);
  // 60 s is the promise on two cores that have nothing else to do; a busy machine gets more.
  assert.ok(took < 180_000);
  assert.ok(events.some(({ type, message }) => type === 'cluster.waiting' && message.includes('images')));
});

test('each cluster has one ready node with its region and zone', async () => {
  for (const [context, name, zone] of [
    ['cluster-1', 'cluster-1', 'us-east-1a'],
    ['cluster-2', LONG_NAME, 'us-west-2c'],
  ] as const) {
    const text = await kubectl(dir, context, 'get', 'nodes', '-o', 'json');
    const [node, ...more] = JSON.parse(text).items;
    assert.equal(more, []);
    assert.ok(node.metadata.name.startsWith(name.slice(0, 50)));
    assert.is(node.metadata.labels['topology.kubernetes.io/zone'], zone);
    assert.is(node.metadata.labels['topology.kubernetes.io/region'], zone.slice(0, -1));
    const ready = node.status.conditions.find(({ type }: { type: string }) => type === 'Ready');
    assert.is(ready.status, 'True');
  }
});

test('the kubeconfig says which level it is of, and nothing in it skips verification', () => {
  const text = readFileSync(join(dir, 'kubeconfig'), 'utf8');
  assert.not.match(text, 'insecure');
  const [{ cluster }] = readKubeconfig(dir).clusters as unknown as [{ cluster: { extensions: unknown } }];
  assert.equal(cluster.extensions, [{ name: 'meshplan-lab', extension: { level: 2 } }]);
});

test('pods run and find Services by name', async () => {
  for (const context of CONTEXTS) {
    await kubectl(
      dir,
      context,
      'create',
      'deployment',
      'web',
      `--image=${AGNHOST_IMAGE}`,
      '--',
      '/agnhost',
      'netexec',
    );
    await kubectl(dir, context, 'expose', 'deployment', 'web', '--port=80', '--target-port=8080');
  }
  for (const context of CONTEXTS) {
    await kubectl(dir, context, 'rollout', 'status', 'deployment/web', '--timeout=90s');
    const ask = () => fromPod(context, ...curl('http://web.default.svc.cluster.local/hostname'));
    assert.is(
      await until(
        'an answer',
        () => ask().catch(String),
        (text) => text.startsWith('web-'),
      ),
      await podOf(context),
    );
  }
});

test('kubectl logs and port-forward work', async () => {
  assert.match(await kubectl(dir, 'cluster-2', 'logs', 'deployment/web'), 'GET /hostname');
  const [program = '', ...args] = [...within(names.hub), 'kubectl', '--kubeconfig', join(dir, 'kubeconfig')];
  const env = { ...process.env, PATH: `${join(dir, 'bin')}:${process.env.PATH}` };
  const forward = spawn(
    program,
    [...args, '--context', 'cluster-2', 'port-forward', 'service/web', '18080:80'],
    { env },
  );
  try {
    const ask = () => inHub(dir, ...(curl('http://127.0.0.1:18080/hostname') as [string])).catch(String);
    await until('an answer', ask, (text) => text.startsWith('web-'));
  } finally {
    forward.kill();
  }
});

test('a pod reaches a pod of the other cluster by its address, and nothing outside', async () => {
  const other = await addressOf('cluster-2');
  assert.is(await fromPod('cluster-1', ...curl(`http://${other}:8080/hostname`)), await podOf('cluster-2'));
  const client = await fromPod('cluster-1', ...curl(`http://${other}:8080/clientip`));
  assert.is(client.split(':')[0], await addressOf('cluster-1'));
  const outside = await fromPod('cluster-1', 'sh', '-c', 'curl -s -m 5 http://192.0.2.1/; echo $?');
  assert.is.not(outside, '0');
});

test('a kubelet answers nobody who is not known', async () => {
  const status = await inHub(
    dir,
    'curl',
    '-sk',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    'https://172.30.0.1:10250/pods',
  );
  assert.is(status, '401');
});

test('no mount but the networks shows on the host, and nothing in the folders that nodes are known to use', () => {
  const own = mounts().filter((line) => line.includes(names.prefix) || line.includes(dir));
  assert.is(own.length, 3);
  assert.ok(own.every((line) => line.startsWith('nsfs /run/netns/')));
  const contents = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  const logs = contents('/var/log/containers').map((name) => readlinkSync(join('/var/log/containers', name)));
  const results = contents('/var/lib/cni/results');
  assert.equal(
    [...logs, ...results].filter((name) => name.includes(names.prefix)),
    [],
  );
});

test('another up changes nothing, and one of another level is refused', async () => {
  const before = processesOf(dir).sort();
  const events: LabEvent[] = [];
  await labUp(await twoRealClusters(dir, events));
  assert.equal(
    events.map((event) => event.type),
    ['lab.unchanged'],
  );
  assert.equal(processesOf(dir).sort(), before);
  const error = await labUp(await twoClusters(dir)).catch((thrown: unknown) => thrown);
  assert.is(codeOf(error), 'lab-differs');
  assert.match(String((error as MeshplanError).hint), '--level 2');
});

test('stop ends a cluster with its pods, start brings both back', async () => {
  const address = await addressOf('cluster-1');
  const stopped = await labStop({ dir, cluster: 'cluster-1' });
  assert.equal(
    stopped.clusters.map((cluster) => cluster.state),
    ['stopped', 'running'],
  );
  assert.not.ok(stopped.clusters[0]?.processes.some((item) => item.alive));
  const silent = await fromPod(
    'cluster-2',
    'sh',
    '-c',
    `curl -s -m 3 http://${address}:8080/hostname; echo $?`,
  );
  assert.is.not(silent, '0');
  const started = await labStart({ dir, cluster: 'cluster-1' });
  assert.is(started.state, 'running');
  const ask = async () =>
    fromPod('cluster-2', ...curl(`http://${await addressOf('cluster-1')}:8080/hostname`));
  await until(
    'the pod',
    () => ask().catch(String),
    (text) => text.startsWith('web-'),
    60_000,
  );
});

test('up mends a lab that lost a kubelet', async () => {
  const status = await labStatus({ dir });
  const kubelet = status.clusters[1]?.processes.find((item) => item.name === 'kubelet');
  process.kill(kubelet?.pid ?? 0, 'SIGKILL');
  const degraded = await labStatus({ dir });
  assert.equal(
    degraded.clusters.map(({ state }) => state),
    ['running', 'degraded'],
  );
  assert.is((await labUp(await twoRealClusters(dir))).state, 'running');
  const ask = () => fromPod('cluster-2', ...curl('http://web/hostname')).catch(String);
  await until('an answer', ask, (text) => text.startsWith('web-'), 60_000);
});

test('down leaves nothing', async () => {
  assert.ok((await labDown({ dir, onEvent: quiet })) > 15);
  assertNothingIsLeft();
});

test('a program that dies at the start is shown with its last words, and leaves nothing', async () => {
  const options = await twoRealClusters(dir);
  const broken = join(`${dir}-broken`, 'kubelet');
  mkdirSync(`${dir}-broken`);
  writeFileSync(broken, '#!/bin/sh\necho no kubelet today; exit 4\n');
  chmodSync(broken, 0o755);
  const binaries = { ...options.binaries, kubelet: broken };
  const error = await labUp({ ...options, binaries }).catch((thrown: unknown) => thrown);
  assert.is(codeOf(error), 'lab-process-failed');
  assert.match(String(error), 'kubelet ended while it started (4)');
  assert.match(String((error as MeshplanError).hint), 'no kubelet today');
  assertNothingIsLeft();
});

function assertNothingIsLeft(): void {
  assert.equal(processesOf(dir), []);
  assert.not.ok(existsSync(dir));
  const named = (folder: string) => readdirSync(folder).filter((name) => name.startsWith(names.prefix));
  assert.equal([...named('/run'), ...named('/run/netns')], []);
  assert.equal(
    mounts().filter((line) => line.includes(names.prefix)),
    [],
  );
}

test.run();
