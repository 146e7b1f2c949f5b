import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyReport } from '../../src/model/verify.js';
import { binomialBounds } from '../../src/traffic/statistics.js';
import { ask, countOf, podsOf, type Reply, statusesOf } from '../support/ask.js';
import { type Capture, capture } from '../support/capture.js';
import { assertComesToNames, listings, namesIn } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';
import { until } from '../support/until.js';

const CLUSTERS = ['cluster-1', 'cluster-2'];
const FRONTEND = { cluster: 'cluster-1', app: 'frontend' };
const MARKER = randomBytes(8).toString('hex');
/** Over 500 requests, the counts that a share may have at 99.9 %. */
const [V1_SHARE, REQUESTS] = [0.8, 500];

let lab: Lab;
let before: Map<string, string[]>;
let wire: () => Promise<Capture>;

const asked = (count: number, more: { headers?: string[]; path?: string } = {}) =>
  ask(lab, { from: FRONTEND, count, ...more });
const isLocal = ({ body }: Reply) => body.startsWith('backend-local-');
const isV2 = ({ body }: Reply) => body.startsWith('backend-v2-');

async function edit(pattern: RegExp, text: string): Promise<void> {
  const file = join(lab.folder, 'mesh.yaml');
  const old = await readFile(file, 'utf8');
  assert.match(old, pattern);
  await writeFile(file, old.replace(pattern, text));
}

async function apply(): Promise<string> {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'The mesh works.');
  return stderr;
}

/** The example's backend under another name and version, with its own selector, behind the same Service. */
async function backend(name: string, version: string): Promise<string> {
  const text = await readFile(join(lab.folder, 'apps', 'backend.yaml'), 'utf8');
  const deployment = text.split(/^---$/m).find((part) => part.includes('kind: Deployment')) ?? '';
  return deployment
    .replace('name: backend\n', `name: ${name}\n`)
    .replaceAll(/^( +)app: backend$/gm, `$1app: backend\n$1deployment: ${name}`)
    .replaceAll('v1\n', `${version}\n`)
    .replace(`apps/${version}`, 'apps/v1');
}

test('the guide as one file: plan, apply and verify on two clusters with real pods', async () => {
  lab = await labUp({ example: 'primary-remote', level: 2 });
  before = namesIn(await listings(lab, CLUSTERS));
  const plan = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(plan.code, 2, plan.stderr);
  assert.match(plan.stdout, 'Overlays in force:');
  const warned = await apply();
  assert.match(warned, 'empty-subset');
  wire = await capture(lab, 1, MARKER);
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
  assert.match((await lab.meshplan('apply', '-y')).stdout, 'No changes.');
  assert.is((await lab.meshplan('drift')).code, 0);
});

test('an empty subset answers 503 for its share, as the warning says; all else comes from cluster-2', async () => {
  const replies = await asked(100);
  const { low, high } = binomialBounds(100, 1 - V1_SHARE);
  const lost = countOf(replies, ({ status }) => status === '503');
  assert.ok(lost >= low && lost <= high, JSON.stringify(statusesOf(replies)));
  assert.is(countOf(replies, ({ status }) => status === '200') + lost, 100);
});

test('with pods for the subset no warning is left, and 30 of 30 answers come across the clusters', async () => {
  await lab.write('apps/backend-v2.yaml', await backend('backend-v2', 'v2'));
  await edit(
    /( +)- manifests: apps\/backend\.yaml/,
    '$1- manifests: apps/backend-v2.yaml\n$1  clusters: [cluster-2]\n$&',
  );
  assert.not.match(await apply(), 'empty-subset');
  const settled = (replies: Reply[]) => countOf(replies, ({ status }) => status === '200') === replies.length;
  await until('no 503', () => asked(20), settled);
  const replies = await asked(30, { path: `/hostname?${MARKER}` });
  assert.equal(statusesOf(replies), { 200: 30 });
  const callees = new Set((await podsOf(lab, 'cluster-2', 'backend')).map(({ name }) => name));
  assert.is(
    countOf(replies, ({ body }) => callees.has(body)),
    30,
  );
});

/** One line of `istioctl proxy-status -o json`. */
interface ClientConfig {
  node: { id: string; metadata: { CLUSTER_ID: string } };
  genericXdsConfigs: { configStatus: string }[];
}

/** Proxies that `istioctl proxy-status` calls synced; it prints a document for each istiod. */
async function syncedByIstioctl(): Promise<string[]> {
  const { code, stdout, stderr } = await lab.run(
    ...['istioctl', '--context', 'cluster-1', 'proxy-status', '-o', 'json'],
  );
  assert.is(code, 0, stderr);
  const documents = stdout.split(/(?<=^\})\n(?=\{)/m).map((text) => JSON.parse(text));
  return documents
    .flatMap(({ resources = [] }: { resources?: ClientConfig[] }) => resources)
    .filter(({ genericXdsConfigs }) =>
      genericXdsConfigs.every(({ configStatus }) => configStatus === 'SYNCED'),
    )
    .map(({ node }) => `${node.metadata.CLUSTER_ID} ${node.id}`)
    .sort();
}

async function syncedByVerify(): Promise<string[]> {
  const { stdout } = await lab.meshplan('verify', '-o', 'json');
  const { proxies } = JSON.parse(stdout) as VerifyReport;
  return proxies
    .flatMap((row) =>
      (row.proxies ?? []).map(({ name, status }) => ({ name: `${row.cluster} ${name}`, status })),
    )
    .filter(({ status }) => status === 'synced')
    .map(({ name }) => name)
    .sort();
}

test('verify counts a proxy for each pod with a sidecar, those of istioctl proxy-status', async () => {
  const pods = await Promise.all(
    [FRONTEND, { cluster: 'cluster-2', app: 'backend' }].map(async ({ cluster, app }) =>
      (await podsOf(lab, cluster, app)).map(({ name }) => `${cluster} ${name}.production`),
    ),
  );
  // A proxy of a pod that was replaced may take its time to go.
  await until(
    'the same proxies',
    async () => [await syncedByVerify(), await syncedByIstioctl()],
    (lists) => lists.every((list) => list.join() === pods.flat().sort().join()),
  );
});

test('on the wire between the clusters there is TLS only', async () => {
  const secret = await wire();
  const pods = new Set((await podsOf(lab, 'cluster-2', 'backend')).map(({ address }) => address));
  const calls = secret.calls.filter(({ to, port }) => pods.has(to) && port === 8080);
  assert.ok(calls.length > 0, JSON.stringify(secret));
  assert.equal(
    secret.calls.filter(({ first }) => !first.startsWith('1603')),
    [],
  );
  assert.is(secret.marked, 0);
  // The same watch sees what is not encrypted, so that its silence means something.
  const control = await capture(lab, 2, MARKER);
  assert.is((await plaintext()).stdout, '200');
  assert.ok((await control()).marked > 0);
});

/** A request from outside of the mesh straight to a pod of the backend. */
async function plaintext() {
  const [pod] = await podsOf(lab, 'cluster-2', 'backend');
  const url = `http://${pod?.address}:8080/hostname?${MARKER}`;
  return lab.run('curl', '-s', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', url);
}

test('the weighted split keeps within the exact 99.9 % bound over 500 requests', async () => {
  const replies = await asked(REQUESTS);
  assert.equal(statusesOf(replies), { 200: REQUESTS });
  const v2 = countOf(replies, isV2);
  const { low, high } = binomialBounds(REQUESTS, 1 - V1_SHARE);
  console.log(`${REQUESTS - v2} of v1, ${v2} of v2; ${low} to ${high} may be`);
  assert.ok(v2 >= low && v2 <= high, `${v2} of ${REQUESTS}`);
});

test('the header match leads 50 of 50 to v2', async () => {
  assert.is(countOf(await asked(50, { headers: ['version: v2'] }), isV2), 50);
});

test('STRICT refuses plaintext, and the mesh goes on', async () => {
  const strict = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'istio-system' },
    spec: { mtls: { mode: 'STRICT' } },
  };
  await lab.kubectl('cluster-1', 'apply', '-f', await lab.write('strict.json', JSON.stringify(strict)));
  // 56: the connection was reset.
  const refused = await until('a refusal', plaintext, ({ code }) => code === 56);
  assert.is(refused.stdout, '000');
  assert.equal(statusesOf(await asked(20)), { 200: 20 });
});

test('with local pods all answers are local', async () => {
  await lab.write('apps/backend-local.yaml', await backend('backend-local', 'v1'));
  await edit(
    /( +)- manifests: apps\/backend-v2\.yaml/,
    '$1- manifests: apps/backend-local.yaml\n$1  clusters: [cluster-1]\n$&',
  );
  await edit(/ +subsets:[\s\S]*?(?= +failover:)/, '');
  await apply();
  await until(
    'the routes to go',
    () => asked(20),
    (replies) => countOf(replies, isLocal) === 20,
  );
  const replies = await asked(60);
  assert.equal([statusesOf(replies), countOf(replies, isLocal)], [{ 200: 60 }, 60]);
});

test('local pods that are broken are ejected, and then every answer is 200', async () => {
  // They run and refuse connections: nothing listens at 8080.
  const patch = {
    spec: { template: { spec: { containers: [{ name: 'backend', command: ['/agnhost', 'pause'] }] } } },
  };
  await lab.kubectl(
    'cluster-1',
    '-n',
    'production',
    'patch',
    'deployment',
    'backend-local',
    '-p',
    JSON.stringify(patch),
  );
  await lab.kubectl(
    'cluster-1',
    '-n',
    'production',
    'rollout',
    'status',
    'deployment/backend-local',
    '--timeout=120s',
  );
  const replies = await asked(300);
  const isLost = ({ status }: Reply) => status !== '200';
  const lost = countOf(replies, isLost);
  console.log(
    `${lost} of the first ${replies.findLastIndex(isLost) + 1} requests were lost until all pods were ejected`,
  );
  assert.equal(statusesOf(replies.slice(150)), { 200: 150 });
  assert.is(countOf(replies.slice(150), isLocal), 0);
});

test('when all local pods are gone, every answer is 200 and comes from the other region', async () => {
  await lab.kubectl('cluster-1', '-n', 'production', 'scale', 'deployment', 'backend-local', '--replicas=0');
  await until(
    'no local pod',
    () => podsOf(lab, 'cluster-1', 'backend'),
    (pods) => pods.length === 0,
  );
  const replies = await until(
    'remote answers',
    () => asked(60),
    (seen) => statusesOf(seen)['200'] === 60,
  );
  assert.is(countOf(replies, isLocal), 0);
});

test('destroy leaves the clusters as they were, real pods and all', async () => {
  await lab.kubectl('cluster-1', '-n', 'istio-system', 'delete', 'peerauthentication', 'default');
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  await assertComesToNames(lab, before);
});

test('the lab goes without a trace', () => lab.down());

test.run();
