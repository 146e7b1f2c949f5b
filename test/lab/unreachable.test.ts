import { chmod, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan } from '../../src/model/plan.js';
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

test('a stopped cluster is UNKNOWN, and the rest is planned', async () => {
  const stop = await lab.meshplan('lab', 'stop', 'cluster-2');
  assert.is(stop.code, 0, stop.stderr);
  await planWithout(`${lab.dir}/kubeconfig`, /ECONNREFUSED/);
  const { code, stdout } = await lab.meshplan('plan');
  assert.is(code, 4);
  assert.match(stdout, '? cluster-2  UNKNOWN, for it cannot be read');
  assert.match(stdout, /UNKNOWN: cluster-2\.$/m);
  assert.not.match(stdout, 'No changes.');
});

test('the lab goes without a trace', () => lab.down());

test.run();
