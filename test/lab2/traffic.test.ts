import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrafficCell } from '../../src/model/traffic.js';
import type { Check, VerifyReport } from '../../src/model/verify.js';
import { binomialBounds } from '../../src/traffic/statistics.js';
import { type Lab, labUp } from '../support/lab.js';

const CLUSTERS = ['cluster-1', 'cluster-2'];
const CALLED = CLUSTERS.flatMap((from) => CLUSTERS.map((to) => `${from} → ${to}`));
let lab: Lab;

type Report = VerifyReport & Required<Pick<VerifyReport, 'traffic'>>;
const reportOf = (text: string) => JSON.parse(text) as Report;
const nameOf = ({ from, to }: TrafficCell) => `${from} → ${to}`;
const byId = ({ checks }: VerifyReport, id: string): Check[] => checks.filter((check) => check.id === id);

/** Namespaces of tests in both clusters. */
async function namespaces(): Promise<string[]> {
  const get = ['get', 'namespaces', '-l', 'meshplan.dev/traffic', '-o', 'name'];
  const found = await Promise.all(CLUSTERS.map((cluster) => lab.kubectl(cluster, ...get)));
  return found.flatMap((text) => text.split('\n').filter(Boolean));
}

/** Numbers in a sentence, in their order. */
const numbersIn = (text: string) => [...text.matchAll(/\b\d+\b/g)].map(([number]) => Number(number));

test('requests go from every cluster to every cluster, by mTLS, and all routes hold', async () => {
  lab = await labUp({ example: 'primary-remote', level: 2 });
  const applied = await lab.meshplan('apply', '-y', '--quiet');
  assert.is(applied.code, 0, applied.stderr + applied.stdout);
  const { code, stdout, stderr, durationMs } = await lab.meshplan('verify', '--traffic', '-o', 'json');
  assert.is(code, 0, stdout + stderr);
  console.log(`verify --traffic took ${Math.round(durationMs)} ms`);
  const report = reportOf(stdout);
  assert.ok(report.ok);
  const { matrix, namespace } = report.traffic;
  assert.equal(matrix.map(nameOf), CALLED);
  for (const cell of matrix) {
    assert.is(cell.status, 'pass');
    assert.equal([cell.requests, cell.answered], [10, 10]);
    assert.equal(cell.servers, { [cell.to]: 10 });
    assert.is(cell.identity, `spiffe://cluster.local/ns/${namespace}/sa/client`);
    assert.ok((cell.latencyMs?.median ?? 0) > 0);
  }
  for (const id of ['set-up', 'request', 'header', 'split', 'locality', 'failover', 'clean-up']) {
    const checks = byId(report, `traffic-${id}`);
    assert.is(checks.length, id === 'request' ? 4 : 2, id);
    assert.ok(
      checks.every(({ status }) => status === 'pass'),
      JSON.stringify(checks),
    );
  }
  for (const { evidence } of byId(report, 'traffic-split')) {
    const [requests = 0, v1 = 0, v2 = 0] = numbersIn(evidence);
    const { low, high } = binomialBounds(requests, 0.2);
    assert.is(v1 + v2, requests, evidence);
    assert.ok(low <= v2 && v2 <= high, evidence);
  }
  assert.match(stderr, 'matrix: done in');
  assert.equal(await namespaces(), []);
});

test('Ctrl-C in the middle leaves nothing', async () => {
  const running = lab.start(['verify', '--traffic']);
  await running.shows('cluster-1/set-up: begins');
  await running.shows('cluster-2/set-up: begins');
  running.kill('SIGINT');
  const { code, stderr, stdout } = await running.answer;
  assert.is(code, 130, stderr);
  assert.is(stdout, '');
  assert.match(stderr, 'cluster-2/clean-up: done');
  assert.equal(await namespaces(), []);
});

let killed: string[] = [];

test('a run that is killed leaves its namespaces, which plan does not trip over', async () => {
  const running = lab.start(['verify', '--traffic']);
  await running.shows('set-up: begins');
  for (let left = 100; killed.length < 2 && left > 0; left -= 1) killed = await namespaces();
  running.kill('SIGKILL');
  await running.answer;
  assert.is(killed.length, 2);
  const plan = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(plan.code, 0, plan.stdout);
  const drift = await lab.meshplan('drift');
  assert.is(drift.code, 0, drift.stdout);
});

test('refused requests fail in their cells alone, with the reason and what to do; what was killed is removed', async () => {
  const policy = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'closed', namespace: 'istio-system' },
    spec: { selector: { matchLabels: { 'meshplan.dev/traffic-cluster': 'only-c2' } } },
  };
  const file = await lab.write('policy.json', JSON.stringify(policy));
  await lab.kubectl('cluster-1', 'apply', '-f', file);
  const { code, stdout, stderr } = await lab.meshplan('verify', '--traffic', '-o', 'json', '--quiet');
  assert.is(code, 1, stdout);
  assert.is(stderr, '');
  const { traffic, ok, checks } = reportOf(stdout);
  assert.not.ok(ok);
  for (const cell of traffic.matrix) {
    assert.is(cell.status, cell.to === 'cluster-2' ? 'fail' : 'pass', nameOf(cell));
    if (cell.to !== 'cluster-2') continue;
    assert.equal([cell.requests, cell.answered], [10, 0]);
    assert.is(cell.failure?.reason, 'denied');
    assert.match(cell.failure?.detail ?? '', 'HTTP 403: RBAC: access denied');
    assert.match(cell.failure?.hint ?? '', 'AuthorizationPolicy');
  }
  const cells = checks.filter(({ id }) => id === 'traffic-request');
  assert.equal(
    cells.map(({ status }) => status),
    ['pass', 'fail', 'pass', 'fail'],
  );
  assert.equal(await namespaces(), []);
});

test('the lab goes, and nothing is left', () => lab.down());

test.run();
