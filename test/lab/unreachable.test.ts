import { chmod, copyFile, readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan } from '../../src/model/plan.js';
import type { MeshState } from '../../src/model/state.js';
import { kubeconfigOf, kubeconfigWith, writeKubeconfig } from '../support/kubeconfig.js';
import { type Lab, labUp } from '../support/lab.js';

const test = suite('clusters that cannot be read');
let lab: Lab;
const silent: Server[] = [];

test.after(() => {
  for (const server of silent) server.close();
});

/** A listener that takes connections and never says a word. */
async function blackHole(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  silent.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const address = server.address();
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** A proxy that takes CONNECT, and notes where to. */
async function connectProxy(seen: string[]): Promise<string> {
  const proxy = createHttpServer();
  proxy.on('connect', (request, socket, head) => {
    seen.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect({ host: hostname, port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  silent.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxy.unref();
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** Plans with another kubeconfig; the plan must be of cluster-1 alone. */
async function planWithout(kubeconfig: string, why: RegExp): Promise<number> {
  const args = ['plan', '-o', 'json', '--detailed-exitcode', '--kubeconfig', kubeconfig];
  const { code, stdout, stderr, durationMs } = await lab.meshplan(...args);
  assert.is(code, 4, stderr);
  const plan = JSON.parse(stdout) as Plan;
  assert.is(plan.complete, false);
  const [one, two] = plan.clusters;
  assert.is(one?.reachable, true);
  assert.is(two?.reachable, false);
  assert.match(two?.error ?? '', why);
  assert.ok(
    plan.actions.filter((item) => item.cluster === 'cluster-2').every((item) => item.change !== 'noop'),
    'nothing of a cluster that was not read is in sync',
  );
  assert.ok(plan.diagnostics.some(({ code }) => code === 'cluster-unreachable'));
  return durationMs;
}

/** A credential program of kubectl's kind that counts its runs, and what it did so far. */
async function plugin(name: string, script: string) {
  const command = await lab.write(name, `#!/bin/sh\necho run >> ${lab.folder}/${name}.runs\n${script}\n`);
  await chmod(command, 0o700);
  const runs = async () =>
    (await readFile(`${command}.runs`, 'utf8').catch(() => '')).split('\n').filter(Boolean).length;
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' }, runs };
}

const credential = (token: unknown) =>
  `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status: { token } })}'`;

test.before(async () => {
  lab = await labUp({ example: 'primary-remote' });
});

test('a token that is not taken', async () => {
  const kubeconfig = await kubeconfigWith(lab, 'cluster-2', { user: { token: 'expired' } });
  await planWithout(kubeconfig, /Unauthorized/);
});

test('a certificate of another authority', async () => {
  const { clusters } = await kubeconfigOf(lab);
  const authority = clusters.find(({ name }) => name === 'cluster-1')?.cluster['certificate-authority-data'];
  const cluster = { 'certificate-authority-data': authority };
  await planWithout(await kubeconfigWith(lab, 'cluster-2', { cluster }), /certificate|CERT|verify/i);
});

test('credentials of a program that have expired: its words without the token in them', async () => {
  const token = 'eyJhbGciOiJSUzI1NiJ9.c29tZXRoaW5nIHNlY3JldA.c2lnbmF0dXJl';
  const { exec, runs } = await plugin('expired', `echo "session of ${token} has expired" >&2; exit 1`);
  const kubeconfig = await kubeconfigWith(lab, 'cluster-2', { user: { exec } });
  await planWithout(
    kubeconfig,
    /credential plugin .*expired of user cluster-2 ended with 1: session of … has expired/,
  );
  assert.is(await runs(), 1);
});

test('a server that never answers holds nothing up for longer than connecting may take', async () => {
  const server = await blackHole();
  const took = await planWithout(
    await kubeconfigWith(lab, 'cluster-2', { cluster: { server } }),
    /no connection within 10000 ms/,
  );
  assert.ok(took < 25_000, `${took} ms`);
});

test('a context without a server is refused, and nothing is guessed', async () => {
  const config = await kubeconfigOf(lab);
  const clusters = config.clusters.filter(({ name }) => name !== 'cluster-2');
  const kubeconfig = await writeKubeconfig(lab, { ...config, clusters });
  const { code, stderr } = await lab.meshplan('plan', '--kubeconfig', kubeconfig);
  assert.is(code, 3, stderr);
  assert.match(stderr, 'error context-incomplete cluster cluster-2');
});

test('one program for both clusters is run once a command', async () => {
  const config = await kubeconfigOf(lab);
  const [first, second] = config.users;
  // Both clusters get the token that the other one also knows: a file for each cluster would not show the sharing.
  const tokens = [first?.user.token, second?.user.token];
  const { exec, runs } = await plugin('shared', credential(tokens[0]));
  const users = [{ name: 'both', user: { exec } }];
  const contexts = config.contexts.map(({ name, context }) => ({
    name,
    context: { ...context, user: 'both' },
  }));
  const kubeconfig = await writeKubeconfig(lab, { ...config, users, contexts });
  await planWithout(kubeconfig, /Unauthorized/);
  // Once for both, and once more because cluster-2 does not take what it gave.
  assert.is(await runs(), 2);
});

test('a program whose first token has ended is asked for another', async () => {
  const { users } = await kubeconfigOf(lab);
  const token = users.find(({ name }) => name === 'cluster-2')?.user.token;
  const { exec, runs } = await plugin(
    'renewing',
    `if [ "$(wc -l < "$0.runs")" -gt 1 ]; then ${credential(token)}; else ${credential('ended')}; fi`,
  );
  const kubeconfig = await kubeconfigWith(lab, 'cluster-2', { user: { exec } });
  const { code, stderr } = await lab.meshplan('plan', '--kubeconfig', kubeconfig);
  assert.is(code, 0, stderr);
  assert.is(await runs(), 2);
});

test('tokenFile, and files of KUBECONFIG of which one is not there', async () => {
  const { users, clusters, contexts } = await kubeconfigOf(lab);
  const token = users.find(({ name }) => name === 'cluster-2')?.user.token;
  await lab.write('token-of-2', `${token}\n`);
  const withFile = [{ name: 'cluster-2', user: { tokenFile: 'token-of-2' } }];
  const first = await writeKubeconfig(lab, { clusters: [], users: withFile, contexts: [] });
  const second = await writeKubeconfig(lab, { clusters, users, contexts });
  const env = { KUBECONFIG: [first, `${lab.folder}/absent`, second].join(':') };
  const { code, stderr } = await lab.start(['plan'], env).answer;
  assert.is(code, 0, stderr);
});

test('a proxy that the kubeconfig names carries every request', async () => {
  const seen: string[] = [];
  const proxy = await connectProxy(seen);
  const kubeconfig = await kubeconfigWith(lab, 'cluster-2', { cluster: { 'proxy-url': proxy } });
  const { code, stderr } = await lab.meshplan('plan', '--verbose', '--kubeconfig', kubeconfig);
  assert.is(code, 0, stderr);
  const { clusters } = await kubeconfigOf(lab);
  const server = new URL(String(clusters.find(({ name }) => name === 'cluster-2')?.cluster.server));
  assert.ok(seen.length > 0 && seen.every((target) => target === server.host), seen.join());
  // One connection carries many requests: the agent through the proxy keeps them alive as well.
  const requests = Number(/cluster-2: (\d+) requests/.exec(stderr)?.[1]);
  assert.ok(seen.length < requests, `${seen.length} connections for ${requests} requests`);
});

test('a stopped cluster is UNKNOWN, and the rest is planned', async () => {
  const applied = await lab.meshplan('apply', '-y');
  assert.is(applied.code, 0, applied.stdout + applied.stderr);
  const stop = await lab.meshplan('lab', 'stop', 'cluster-2');
  assert.is(stop.code, 0, stop.stderr);
  await planWithout(`${lab.dir}/kubeconfig`, /ECONNREFUSED/);
  const { code, stdout } = await lab.meshplan('plan');
  assert.is(code, 4);
  assert.match(stdout, '? cluster-2  UNKNOWN, for it cannot be read');
  assert.match(stdout, /UNKNOWN: cluster-2\.$/m);
  assert.not.match(stdout, 'No changes.');
});

const ALONE = JSON.stringify({
  apiVersion: 'meshplan/v1',
  kind: 'Mesh',
  metadata: { name: 'mesh1' },
  spec: { istio: { version: '1.31' }, clusters: [{ name: 'cluster-1', role: 'primary' }] },
});

test('a cluster that left mesh.yaml while the state knows it is told, with the way out', async () => {
  await lab.write('alone.yaml', ALONE);
  const { code, stderr } = await lab.meshplan('plan', '-f', 'alone.yaml');
  assert.is(code, 1, stderr);
  assert.match(stderr, /error cluster-left cluster cluster-2 .* the state knows \d+ objects in it/);
  assert.match(stderr, '--abandon cluster-2');
  const abandoned = await lab.meshplan('plan', '-f', 'alone.yaml', '--abandon', 'cluster-2');
  assert.is(abandoned.code, 0, abandoned.stderr);
});

test('state forget --cluster drops all of a cluster, and says how much', async () => {
  await copyFile(join(lab.folder, 'meshplan.state.json'), join(lab.folder, 'copy.json'));
  const { code, stdout, stderr } = await lab.meshplan(
    'state',
    'forget',
    '--cluster',
    'cluster-2',
    '--state',
    'copy.json',
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /cluster-2 is forgotten, with \d{2} objects/);
  const left = await lab.meshplan('state', 'show', '--state', 'copy.json');
  assert.not.match(left.stdout, 'cluster-2/');
  const state = JSON.parse(left.stdout) as MeshState;
  assert.equal(Object.keys(state.clusters), ['cluster-1']);
  assert.equal(Object.keys(state.certificates).sort(), ['cluster-1', 'root']);
  const again = await lab.meshplan('state', 'forget', '--cluster', 'cluster-2', '--state', 'copy.json');
  assert.is(again.code, 3);
});

test('a cluster that answers is not abandoned, nor a primary whose remote stays', async () => {
  const primary = await lab.meshplan('plan', '--abandon', 'cluster-1');
  assert.is(primary.code, 3);
  assert.match(primary.stderr, 'abandon-primary cluster-1 serves cluster-2');
  const stranger = await lab.meshplan('plan', '--abandon', 'cluster-9');
  assert.match(stranger.stderr, 'abandon-unknown');
});

test('an abandoned cluster leaves the mesh: its traces go, what stays in it is listed', async () => {
  const plan = await lab.meshplan('plan', '--abandon', 'cluster-2');
  assert.is(plan.code, 0, plan.stderr);
  assert.match(plan.stdout, '- cluster-1/v1/Secret/istio-system/istio-remote-secret-cluster-2');
  assert.match(plan.stdout, 'Stays behind in cluster-2, which is abandoned:\n    cluster-2/');
  assert.match(plan.stderr, 'Take cluster-2 out of mesh.yaml');
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '--abandon', 'cluster-2');
  assert.is(code, 0, stdout + stderr);
  const secrets = await lab.kubectl('cluster-1', '-n', 'istio-system', 'get', 'secrets', '-o', 'name');
  assert.not.match(secrets, 'istio-remote-secret');
  assert.not.match((await lab.meshplan('state', 'list')).stdout, 'cluster-2/');
});

test('a cluster that has come back is one to remove, not to abandon', async () => {
  assert.is((await lab.meshplan('lab', 'start', 'cluster-2')).code, 0);
  const { code, stderr } = await lab.meshplan('plan', '--abandon', 'cluster-2');
  assert.is(code, 1, stderr);
  assert.match(stderr, 'error abandon-reachable cluster cluster-2 answers');
});

test('the lab goes without a trace', () => lab.down());

test.run();
