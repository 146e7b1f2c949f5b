import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, labUp } from '../support/lab.js';
import type { PlanJson } from '../support/plan-shape.js';
import { processIds, readOf } from '../support/remains.js';
import type { Running } from '../support/run.js';

const FAILED = 'Error syncing load balancer: quota exceeded';
const REASON = `Service istiod-external has no ingress; last event: SyncLoadBalancerFailed: ${FAILED}`;
let lab: Lab;
let agent = 0;
let first: Running;
let patient: Running;

/** The lab's stand-in for a cloud: who answers the load balancers. */
function findAgent(): number {
  const mine = (pid: number) =>
    readOf(pid, 'cmdline').includes('agent-main') && readOf(pid, 'cmdline').includes(lab.dir);
  const pid = processIds().find(mine);
  assert.ok(pid, 'the agent runs');
  return pid ?? 0;
}

/** What a cloud's controller would say about the Service. */
async function tellEvent(): Promise<void> {
  const get = ['-n', 'istio-system', 'get', 'service', 'istiod-external', '-o', 'jsonpath={.metadata.uid}'];
  const uid = await lab.kubectl('cluster-1', ...get);
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'istiod-external.1', namespace: 'istio-system' },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Service',
      namespace: 'istio-system',
      name: 'istiod-external',
      uid,
    },
    type: 'Warning',
    reason: 'SyncLoadBalancerFailed',
    message: FAILED,
    source: { component: 'service-controller' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  await lab.kubectl('cluster-1', 'create', '-f', await lab.write('event.json', JSON.stringify(event)));
}

test('while an address does not come, those behind it say what they wait for, with the last Event', async () => {
  lab = await labUp({ example: 'primary-remote' });
  agent = findAgent();
  process.kill(agent, 'SIGSTOP');
  first = lab.start(['apply', '-y', '--timeout', '30s']);
  await first.shows('cluster-1/address: waits for');
  await tellEvent();
  await first.shows(`cluster-2/data-plane: waits for cluster-1/address: ${REASON}`);
  const seen = first.seen();
  assert.match(seen, `cluster-1/control-plane: waits for cluster-1/address: ${REASON}`);
  assert.match(seen, /cluster-1\/address: waits for the load balancer .* \(\d+ actions wait for it\)/);
  assert.not.match(seen, 'federate/cluster-2: waits for', 'those farther behind are counted');
});

test('of two applies at once one works, the other says who holds the lock', async () => {
  const { code, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 1, stderr);
  assert.match(
    stderr,
    new RegExp(
      `state-locked .* is held by meshplan apply \\(pid ${first.pid}, user .*, host .*\\) for \\d+ s`,
    ),
  );
  patient = lab.start(['apply', '-y', '--lock-timeout', '3m']);
  await patient.shows(`Waits for the lock, which is held by meshplan apply (pid ${first.pid},`);
  const plan = await lab.meshplan('plan', '-o', 'json');
  const { diagnostics } = JSON.parse(plan.stdout) as PlanJson;
  assert.ok(
    diagnostics.some((item) => item.code === 'run-in-progress'),
    plan.stdout,
  );
  assert.not.ok(diagnostics.some((item) => item.code === 'action-interrupted'));
});

test('when the time is up, the failure says the chain, how the mesh stands, the way on and the way back', async () => {
  const { code, stdout, stderr } = await first.answer;
  assert.is(code, 1, stderr);
  assert.match(
    stderr,
    new RegExp(
      `cluster-1/address: FAILED in [\\d.]+ s: the load balancer of istiod-external in cluster-1 did not come within \\d+ s: ${REASON}`,
    ),
  );
  assert.match(stderr, /cluster-1\/control-plane: skipped, cluster-1\/address failed$/m);
  assert.match(stderr, /federate\/cluster-2: skipped, .* is skipped, for cluster-1\/address failed\n/);
  assert.match(
    stdout,
    /failed: cluster-1\/address\n {2}skipped for cluster-1\/address: .*cluster-1\/control-plane/,
  );
  assert.match(stdout, /cluster-1 \(primary\): istiod does not serve\n {4}✗ istiod is available: Deployment/);
  assert.match(stdout, /cluster-2 \(remote of cluster-1\): not connected/);
  assert.match(stdout, 'The way on: meshplan apply goes on from here, with cluster-1/address first.');
  assert.match(stdout, 'The way back: apply the declaration');
});

test('the one that waited for the lock goes on from there once the address comes', async () => {
  process.kill(agent, 'SIGCONT');
  const { code, stdout, stderr } = await patient.answer;
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'The mesh works.');
});

test('a Deployment that cannot have pods is told with the words of the API server, and what to do', async () => {
  const production = ['-n', 'production'];
  await lab.kubectl('cluster-1', ...production, 'create', 'quota', 'none', '--hard=pods=0');
  await lab.kubectl('cluster-1', ...production, 'delete', 'deployment', 'frontend');
  const running = lab.start(['apply', '-y', '-o', 'json']);
  await running.shows('exceeded quota: none');
  running.kill('SIGKILL');
  await running.answer;
  assert.match(
    running.seen(),
    /waits for Deployment production\/frontend in cluster-1: 0 of \d+ available \(pods are refused: exceeded quota: none, .*\)","hint":"The ResourceQuota/,
  );
});

test('the next run tells what became of the action that was begun', async () => {
  const message =
    /^cluster-1\/workload\/apps-frontend was begun at \S+Z and did not end: (\d) of \1 objects? (is|are) there$/;
  const plan = await lab.meshplan('plan', '-o', 'json');
  assert.is(plan.code, 0, plan.stderr);
  const { diagnostics } = JSON.parse(plan.stdout) as PlanJson;
  const found = diagnostics.filter((item) => item.code === 'action-interrupted');
  assert.is(found.length, 1, plan.stdout);
  assert.match(found[0]?.message ?? '', message);
  assert.is(found[0]?.severity, 'warning');
  const show = await lab.meshplan('state', 'show');
  assert.match(show.stderr, /apps-frontend was begun at .* and did not end: (\d) of \1 objects recorded/);
});

test('what could not go on goes on, and then nothing is interrupted any more', async () => {
  await lab.kubectl('cluster-1', '-n', 'production', 'delete', 'quota', 'none');
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  const plan = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(plan.code, 0, plan.stdout + plan.stderr);
  assert.not.match(plan.stderr, 'action-interrupted');
});

test('the lab goes without a trace', () => lab.down());

test.run();
