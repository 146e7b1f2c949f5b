import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan } from '../../src/model/plan.js';
import { type ChaosProxy, FAULTS, openChaosProxy } from '../support/chaos-proxy.js';
import { kubeconfigOf, writeKubeconfig } from '../support/kubeconfig.js';
import { type Lab, labUp } from '../support/lab.js';
import { seededRandom } from '../support/random.js';
import { makeCertificate } from '../unit/verify/support.js';

const test = suite('a bad way to the API servers');
const NAME = 'chaos.test';
const PERCENT = 20;
const APPLIES = 3;
let lab: Lab;
let kubeconfig: string;
const proxies: ChaosProxy[] = [];

/** A kubeconfig in which each server is reached through a proxy of its own. */
async function throughProxies(percent: number, endAfter: Record<string, number> = {}): Promise<string> {
  const root = makeCertificate({ commonName: 'Chaos', isCa: true });
  const { certPem: cert, keyPem: key } = makeCertificate({
    commonName: NAME,
    dnsNames: [NAME],
    issuer: root,
  });
  const random = seededRandom('faults');
  const config = await kubeconfigOf(lab);
  for (const { name, cluster } of config.clusters) {
    const server = String(cluster.server);
    const ca = Buffer.from(String(cluster['certificate-authority-data']), 'base64').toString();
    const end = endAfter[name] === undefined ? {} : { endAfter: endAfter[name] };
    const proxy = await openChaosProxy({ server, ca, key, cert, random, percent, ...end });
    proxies.push(proxy);
    Object.assign(cluster, {
      server: proxy.server,
      'certificate-authority-data': Buffer.from(root.certPem).toString('base64'),
      'tls-server-name': NAME,
    });
  }
  return writeKubeconfig(lab, config);
}

test.after(async () => {
  for (const proxy of proxies) await proxy.close();
});

test('a first plan is right, or says that it is incomplete', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const { clusters } = await kubeconfigOf(lab);
  const apiServer = clusters.find(({ name }) => name === 'cluster-2')?.cluster.server;
  // istiod goes its own way to the remote.
  await lab.write('way.json', JSON.stringify({ spec: { clusters: [{ name: 'cluster-2', apiServer }] } }));
  kubeconfig = await throughProxies(PERCENT);
  const wanted = await planOf();
  const found = await planOf('--kubeconfig', kubeconfig);
  if (found.complete) assert.equal(changesOf(found), changesOf(wanted));
  else assert.ok(found.clusters.some((cluster) => !cluster.reachable) || found.diagnostics.length > 0);
});

async function planOf(...args: string[]): Promise<Plan> {
  const { code, stdout, stderr } = await lab.meshplan('plan', '-o', 'json', '--overlay', 'way.json', ...args);
  const plan = JSON.parse(stdout) as Plan;
  assert.is(code, plan.complete ? 0 : 4, stderr);
  return plan;
}

const changesOf = (plan: Plan) => plan.actions.map(({ id, change, reason }) => `${id} ${change} ${reason}`);

test('apply converges', async () => {
  const ends: string[] = [];
  for (let run = 1; run <= APPLIES; run += 1) {
    const args = ['apply', '-y', '--verbose', '--overlay', 'way.json', '--kubeconfig', kubeconfig];
    const { code, stdout, stderr } = await lab.meshplan(...args);
    ends.push(`${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`);
    if (code === 0) break;
    assert.ok(run < APPLIES, ends.join('\n---\n'));
  }
  assert.match(ends.at(-1) ?? '', /cluster-1: \d+ requests over \d+ connections, \d+ of them sent again/);
  const dealt = proxies.slice(0, 2).map((proxy) => proxy.counts());
  console.log(dealt.map((counts) => JSON.stringify(counts)).join('\n'));
  for (const fault of FAULTS) {
    const count = dealt.reduce((sum, counts) => sum + counts[fault], 0);
    assert.ok(count > 0, `${fault} was dealt`);
  }
});

test('what was applied is all there is to do, seen on the straight way and on the bad one', async () => {
  const straight = await planOf();
  assert.ok(straight.complete);
  assert.equal(
    changesOf(straight).filter((line) => !line.includes(' noop ')),
    [],
  );
  const bad = await planOf('--kubeconfig', kubeconfig);
  if (bad.complete) assert.equal(changesOf(bad), changesOf(straight));
});

test('a server that ends half-way through a plan makes it incomplete, and nothing crashes', async () => {
  const found = await planOf('--kubeconfig', await throughProxies(0, { 'cluster-2': 8 }));
  assert.is(found.complete, false);
  const two = found.clusters.find(({ name }) => name === 'cluster-2');
  assert.is(two?.reachable, false);
  assert.match(two?.error ?? '', 'cluster-2: the API server does not answer');
  const known = found.actions.filter(({ cluster, change }) => cluster === 'cluster-2' && change === 'noop');
  assert.equal(
    known.flatMap(({ objects }) => objects),
    [],
    'no object of a cluster that was half read counts as in sync',
  );
});

test('the lab goes without a trace', () => lab.down());

test.run();
