import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../src/errors/index.js';
import { type LabEvent, labDown, labExec, labStart, labStatus, labStop, labUp } from '../../src/lab/index.js';
import { until } from '../support/until.js';
import { enterNamespace } from './lab-namespace.js';
import { labFolder, openCluster, processesOf, readKubeconfig, twoClusters } from './lab-support.js';

const unavailable = await enterNamespace(import.meta.url);
if (unavailable) console.log(`not in a network namespace of its own: ${unavailable}`);

const dir = labFolder();
const quiet = () => undefined;
const codeOf = (error: unknown) => (error instanceof MeshplanError ? error.code : String(error));

async function create(cluster: string, collection: string, body: object): Promise<void> {
  await openCluster(dir, cluster).request(collection, { method: 'POST', body });
}

async function read<T>(cluster: string, path: string): Promise<T> {
  return (await openCluster(dir, cluster).request(path)).body as T;
}

test('two clusters come up in time', async () => {
  const events: LabEvent[] = [];
  const status = await labUp(await twoClusters(dir, events));
  assert.is(status.state, 'running');
  const took = events.find((event) => event.type === 'lab.ready')?.durationMs ?? Number.NaN;
  console.log(`two clusters were ready in ${took} ms`);
  // 10 s is the promise on two cores that have nothing else to do; a busy machine gets more.
  assert.ok(took < 60_000);
});

test('another up changes nothing', async () => {
  const before = processesOf(dir).sort();
  const events: LabEvent[] = [];
  await labUp(await twoClusters(dir, events));
  assert.equal(
    events.map((event) => event.type),
    ['lab.unchanged'],
  );
  assert.equal(processesOf(dir).sort(), before);
});

test('nobody else can read the folder, and no secret is in arguments or environments', () => {
  assert.is(statSync(dir).mode & 0o777, 0o700);
  assert.is(statSync(join(dir, 'kubeconfig')).mode & 0o777, 0o600);
  const tokens = readKubeconfig(dir).users.map(({ user }) => user.token);
  for (const pid of processesOf(dir)) {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
    for (const token of tokens) assert.not.ok(text.includes(token));
  }
});

test('the kubeconfig marks each cluster as the lab and names contexts as clusters', () => {
  const kubeconfig = readKubeconfig(dir) as unknown as Record<string, { name: string; cluster: unknown }[]>;
  assert.equal(
    kubeconfig.contexts?.map((item) => item.name),
    ['cluster-1', 'cluster-2'],
  );
  for (const { cluster } of kubeconfig.clusters ?? []) {
    assert.equal((cluster as { extensions: unknown }).extensions, [
      { name: 'meshplan-lab', extension: { level: 1 } },
    ]);
  }
});

test('nodes carry region and zone', async () => {
  const { items } = await read<{ items: { metadata: { labels: Record<string, string> } }[] }>(
    'cluster-2',
    '/api/v1/nodes',
  );
  const regions = items.map(({ metadata }) => metadata.labels['topology.kubernetes.io/region']);
  assert.equal(new Set(regions), new Set(['us-west-2']));
  assert.is(new Set(items.map(({ metadata }) => metadata.labels['topology.kubernetes.io/zone'])).size, 3);
});

test('a Deployment of three becomes available', async () => {
  await create('cluster-1', '/api/v1/namespaces', { metadata: { name: 'trial' } });
  const labels = { app: 'web' };
  await create('cluster-1', '/apis/apps/v1/namespaces/trial/deployments', {
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    },
  });
  const path = '/apis/apps/v1/namespaces/trial/deployments/web';
  const available = () => read<{ status: { availableReplicas?: number } }>('cluster-1', path);
  await until('availability', available, ({ status }) => status.availableReplicas === 3, 10_000);
});

test('a Service of type LoadBalancer gets its address', async () => {
  const body = {
    metadata: { name: 'web' },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
  };
  await create('cluster-2', '/api/v1/namespaces/default/services', body);
  const created = Date.now();
  const ask = () => read<{ status: object }>('cluster-2', '/api/v1/namespaces/default/services/web');
  const wanted = JSON.stringify({ loadBalancer: { ingress: [{ hostname: 'localhost' }] } });
  await until('the address', ask, ({ status }) => JSON.stringify(status) === wanted, 5_000);
  console.log(`the load balancer answered after ${Date.now() - created} ms`);
});

test('a token Secret is filled', async () => {
  await create('cluster-2', '/api/v1/namespaces/default/secrets', {
    metadata: { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'default' } },
    type: 'kubernetes.io/service-account-token',
  });
  const ask = () => read<{ data?: object }>('cluster-2', '/api/v1/namespaces/default/secrets/token');
  const filled = await until('the token', ask, ({ data }) => data !== undefined, 5_000);
  assert.equal(Object.keys(filled.data ?? {}).sort(), ['ca.crt', 'namespace', 'token']);
});

test('a namespace with pods can be deleted', async () => {
  await openCluster(dir, 'cluster-1').request('/api/v1/namespaces/trial', { method: 'DELETE' });
  const names = async () => {
    const { items } = await read<{ items: { metadata: { name: string } }[] }>(
      'cluster-1',
      '/api/v1/namespaces',
    );
    return items.map((item) => item.metadata.name);
  };
  await until('the namespaces', names, (all) => !all.includes('trial'), 40_000);
});

test('a second lab is told who has the ports', async () => {
  const other = `${dir}-other`;
  const error = await labUp(await twoClusters(other)).catch((thrown: unknown) => thrown);
  assert.is(codeOf(error), 'lab-ports-taken');
  assert.match(String(error), `the lab in ${dir}`);
  assert.not.ok(existsSync(other));
});

test('other clusters in the same folder are refused', async () => {
  const options = await twoClusters(dir);
  const clusters = [{ name: 'elsewhere', primary: true }];
  const error = await labUp({ ...options, clusters }).catch((thrown: unknown) => thrown);
  assert.is(codeOf(error), 'lab-differs');
});

test('exec keeps arguments and exit code and shows the lab', async () => {
  const check = `test "$KUBECONFIG" = ${dir}/kubeconfig && test "$1" = "a b" && istioctl version --remote=false >&2 && exit 7`;
  assert.is(await labExec({ dir, command: ['sh', '-c', check, 'sh', 'a b'] }), 7);
  assert.is(await labExec({ dir, command: ['sh', '-c', 'kill -TERM $$'] }), 143);
});

test('stop ends one cluster alone, start brings it back with its data on the same port', async () => {
  const before = await labStatus({ dir });
  const stopped = await labStop({ dir, cluster: 'cluster-1' });
  assert.equal(
    stopped.clusters.map((cluster) => cluster.state),
    ['stopped', 'running'],
  );
  assert.not.ok(stopped.clusters[0]?.processes.some((item) => item.alive));
  await create('cluster-2', '/api/v1/namespaces', { metadata: { name: 'meanwhile' } });
  const started = await labStart({ dir, cluster: 'cluster-1' });
  assert.is(started.state, 'running');
  assert.equal(
    started.clusters.map((cluster) => cluster.server),
    before.clusters.map((cluster) => cluster.server),
  );
  await read('cluster-1', '/api/v1/nodes/cluster-1-node-1');
});

test('up mends a lab that lost processes, and keeps its data', async () => {
  await create('cluster-2', '/api/v1/namespaces', { metadata: { name: 'kept' } });
  const status = await labStatus({ dir });
  const apiServer = status.clusters[1]?.processes.find((item) => item.name === 'kube-apiserver');
  for (const pid of [apiServer?.pid, status.agent?.pid]) process.kill(pid ?? 0, 'SIGKILL');
  assert.is((await labStatus({ dir })).state, 'degraded');
  const mended = await labUp(await twoClusters(dir));
  assert.is(mended.state, 'running');
  await read('cluster-2', '/api/v1/namespaces/kept');
});

test('an unknown cluster is an error that lists the known ones', async () => {
  const error = await labStop({ dir, cluster: 'cluster-9' }).catch((thrown: unknown) => thrown);
  assert.is(codeOf(error), 'lab-unknown-cluster');
  assert.match(String((error as MeshplanError).hint), 'cluster-1, cluster-2');
});

test('down leaves no process and no file', async () => {
  assert.ok((await labDown({ dir, onEvent: quiet })) > 10);
  assert.equal(processesOf(dir), []);
  assert.not.ok(existsSync(dir));
  assert.is(await labDown({ dir, onEvent: quiet }), 0);
  assert.is((await labStatus({ dir })).state, 'absent');
});

test("a folder with the user's own files is left alone by up and by down", async () => {
  const own = `${dir}-own`;
  mkdirSync(join(own, 'bin'), { recursive: true });
  const error = await labUp(await twoClusters(own)).catch((thrown: unknown) => thrown);
  assert.is(codeOf(error), 'lab-folder-in-use');
  await labDown({ dir: own, onEvent: quiet });
  assert.equal(readdirSync(own), ['bin']);
});

test('an aborted up leaves nothing', async () => {
  const stop = new AbortController();
  const up = labUp({ ...(await twoClusters(dir)), signal: stop.signal }).catch((thrown: unknown) => thrown);
  await sleep(1_500);
  stop.abort();
  assert.is(codeOf(await up), 'interrupted');
  assert.equal(processesOf(dir), []);
  assert.not.ok(existsSync(dir));
});

for (const delayMs of [300, 1_200, 3_000]) {
  test(`a start that was killed after ${delayMs} ms is cleaned up by down`, async () => {
    await killedUp(delayMs);
    await labDown({ dir, onEvent: quiet });
    assert.equal(processesOf(dir), []);
    assert.not.ok(existsSync(dir));
  });
}

test('a start that was killed is replaced by the next up', async () => {
  await killedUp(2_000);
  const status = await labUp(await twoClusters(dir));
  assert.is(status.state, 'running');
  const alive = status.clusters.flatMap((cluster) => cluster.processes).map((item) => item.pid);
  const strangers = processesOf(dir).filter((pid) => commandOf(pid).includes('kube-apiserver'));
  assert.equal(
    strangers.filter((pid) => !alive.includes(pid)),
    [],
  );
  await labDown({ dir, onEvent: quiet });
});

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');

/** Runs `labUp` in a process of its own and kills that after a while, as a user's `kill -9` would. */
async function killedUp(delayMs: number): Promise<void> {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'lab-up-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dir], { stdio: 'ignore' });
  while (!existsSync(join(dir, 'lock'))) await sleep(10);
  await sleep(delayMs);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  assert.ok(readdirSync(dir).length > 0);
}

test.run();
