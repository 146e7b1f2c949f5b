import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LabIstiodStatus, labDown, labStart, labStatus, labStop, labUp } from '../../src/lab/index.js';
import { until } from '../support/until.js';
import {
  apply,
  cacerts,
  clusterz,
  injectedCluster,
  istiodPods,
  kubectl,
  makeMesh,
  newRoot,
} from './lab-mesh.js';
import { enterNamespace } from './lab-namespace.js';
import { labFolder, openCluster, twoClusters } from './lab-support.js';

const unavailable = await enterNamespace(import.meta.url);
if (unavailable) console.log(`not in a network namespace of its own: ${unavailable}`);

const dir = labFolder();
let root = '';

/** The one istiod of cluster-1, once it serves. */
async function readyIstiod(not?: number | null): Promise<LabIstiodStatus> {
  const ask = async () => (await labStatus({ dir })).clusters[0]?.istiod ?? [];
  const all = await until(
    'a ready istiod alone',
    ask,
    (list) => list.length === 1 && list[0]?.ready === true && list[0].pid !== not,
  );
  return all[0] as LabIstiodStatus;
}

const environmentOf = (pid: number | null) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');

/** The subject of the last certificate that a TLS server shows, verified against the root for the name. */
function issuerShown(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: 'localhost', port, ca, servername: 'localhost' }, () => {
      resolve(String(socket.getPeerCertificate(true).issuerCertificate.subject.L ?? ''));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** Whether a connection to the load balancer's port stays open. */
function isForwarded(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const timer = setTimeout(() => socket.destroy(), 500);
    socket.on('error', () => resolve(false));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Date.now() - begun >= 450);
    });
    const begun = Date.now();
  });
}

test('a mesh made by hand works: both clusters synced, both injected, roots in place', async () => {
  await labUp(await twoClusters(dir));
  const made = await makeMesh(dir);
  root = made.certPem;
  const synced = await until(
    'clusterz',
    () => clusterz(dir),
    (list) => list.length === 2 && list.every((item) => item.syncStatus === 'synced'),
  );
  assert.equal(synced.map((item) => item.id).sort(), ['cluster-1', 'cluster-2']);
  for (const cluster of ['cluster-1', 'cluster-2']) {
    const ask = () => injectedCluster(dir, cluster).catch(() => undefined);
    await until(`injection in ${cluster}`, ask, (id) => id === cluster);
  }
  const { body } = await openCluster(dir, 'cluster-2').request(
    '/api/v1/namespaces/production/configmaps/istio-ca-root-cert',
  );
  assert.is((body as { data: Record<string, string> }).data['root-cert.pem']?.trim(), root.trim());
});

test('all three replicas are Ready, and stand for one process', async () => {
  const pods = await until(
    'istiod pods',
    () => istiodPods(dir),
    (list) => list.length === 3 && list.every((pod) => pod.ready),
  );
  const istiod = await readyIstiod();
  assert.is(istiod.revision, 'default');
  const name = environmentOf(istiod.pid).find((item) => item.startsWith('POD_NAME='));
  assert.ok(pods.some((pod) => name === `POD_NAME=${pod.name}`));
});

test('the load balancer leads to istiod, whose certificate comes from cacerts', async () => {
  for (const port of [15012, 15017]) assert.is(await issuerShown(port, root), 'cluster-1');
});

test('the validating webhook of the primary answers', async () => {
  const bad = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'bad', namespace: 'production', labels: { 'istio.io/rev': 'default' } },
    spec: { hosts: [] },
  };
  const error = await apply(dir, 'cluster-1', [bad]).catch((thrown: unknown) => thrown);
  assert.match(String(error), 'admission webhook');
});

test('an istiod that dies leaves its pods not Ready until it is back', async () => {
  const { pid } = await readyIstiod();
  process.kill(pid ?? 0, 'SIGKILL');
  await until(
    'pods not Ready',
    () => istiodPods(dir),
    (pods) => pods.every((pod) => !pod.ready),
  );
  await readyIstiod(pid);
  const pods = await until(
    'pods Ready again',
    () => istiodPods(dir),
    (list) => list.every((pod) => pod.ready),
  );
  assert.equal(
    pods.map((pod) => pod.restarts),
    [1, 1, 1],
  );
});

test('a changed Deployment brings a new process before the old one goes', async () => {
  const { pid } = await readyIstiod();
  await kubectl(dir, 'cluster-1', [
    '-n',
    'istio-system',
    'set',
    'env',
    'deploy/istiod',
    'PILOT_TRACE_SAMPLING=7',
  ]);
  let outage = false;
  const ask = async () => {
    outage ||= !(await istiodPods(dir)).some((pod) => pod.ready);
    return (await labStatus({ dir })).clusters[0]?.istiod ?? [];
  };
  await until(
    'the rollout',
    ask,
    (list) => list.length === 1 && list[0]?.pid !== pid && list[0]?.ready === true,
  );
  assert.ok(environmentOf((await readyIstiod()).pid).includes('PILOT_TRACE_SAMPLING=7'));
  assert.not.ok(outage);
});

test('a changed CA starts istiod anew, with that CA', async () => {
  const { pid } = await readyIstiod();
  const other = await newRoot();
  await apply(dir, 'cluster-1', [await cacerts('cluster-1', other)]);
  await readyIstiod(pid);
  await until(
    'the new chain',
    () => issuerShown(15017, other.certPem).catch(String),
    (locality) => locality === 'cluster-1',
  );
});

test('a stopped primary takes its istiod along, and comes back with it', async () => {
  assert.ok(await isForwarded(15017));
  await labStop({ dir, cluster: 'cluster-1' });
  assert.not.ok(await isForwarded(15017));
  const error = await injectedCluster(dir, 'cluster-2').catch((thrown: unknown) => thrown);
  assert.match(String(error), 'webhook');
  await labStart({ dir, cluster: 'cluster-1' });
  await readyIstiod();
  // The CA was changed above, so the remote trusts istiod again only when its caBundle is patched.
  const ask = () => injectedCluster(dir, 'cluster-2').catch(String);
  await until('injection in cluster-2', ask, (id) => id === 'cluster-2', 60_000);
});

test('without replicas there is no process', async () => {
  await kubectl(dir, 'cluster-1', ['-n', 'istio-system', 'delete', 'hpa', 'istiod']);
  await kubectl(dir, 'cluster-1', ['-n', 'istio-system', 'scale', 'deploy/istiod', '--replicas=0']);
  const ask = async () => (await labStatus({ dir })).clusters[0]?.istiod ?? [];
  await until('no istiod', ask, (list) => list.length === 0);
  assert.not.ok(await isForwarded(15017));
});

test('down', async () => {
  await labDown({ dir, onEvent: () => undefined });
});

test.run();
