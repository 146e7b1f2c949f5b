import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyReport } from '../../src/model/verify.js';
import { binomialBounds } from '../../src/traffic/statistics.js';
import { ask, countOf, podsOf, statusesOf } from '../support/ask.js';
import { type Lab, labUp } from '../support/lab.js';
import type { PlanJson } from '../support/plan-shape.js';
import { until } from '../support/until.js';
import { followTheGuide } from './by-hand.js';

type Drift = Omit<PlanJson, 'drift'> & { drift: { rule: string; address: string; message?: string }[] };

let lab: Lab;
/** What meshplan says about the mesh as the guide leaves it. */
let said: { verify: VerifyReport; drift: Drift; plan: PlanJson; adopt: string };

const json = async <T>(...args: string[]) =>
  JSON.parse((await lab.meshplan(...args, '-o', 'json')).stdout) as T;

const asked = (count: number) => ask(lab, { from: { cluster: 'cluster-1', app: 'frontend' }, count });

test('the guide word for word ends without pods in cluster-2, and without an answer for the frontend', async () => {
  lab = await labUp({ example: 'primary-remote', level: 2 });
  await followTheGuide(lab);
  const events = () =>
    lab.kubectl('cluster-2', '-n', 'production', 'get', 'events', '--field-selector=reason=FailedCreate');
  await until('the refusal', events, (text) => text.includes("doesn't contain any IP SANs"));
  assert.equal(await podsOf(lab, 'cluster-2', 'backend'), []);
  const rollout = ['rollout', 'status', 'deployment/frontend', '--timeout=120s'];
  await lab.kubectl('cluster-1', '-n', 'production', ...rollout);
  assert.equal(statusesOf(await asked(1)), { '000': 1 });
});

test('verify, drift and plan look at it', async () => {
  said = {
    verify: await json('verify'),
    drift: await json('drift'),
    plan: await json('plan'),
    adopt: (await lab.meshplan('plan', '--adopt')).stdout,
  };
});

const check = (id: string, cluster: string) =>
  said.verify.checks
    .filter((item) => item.id === id && item.cluster === cluster && item.status !== 'pass')
    .map(({ evidence, hint }) => `${evidence}; hint: ${hint}`);
const finding = (rule: string) =>
  said.drift.drift
    .filter((item) => item.rule === rule)
    .map(({ address, message }) => `${address} ${message}`);
const diagnostic = (code: string) =>
  said.plan.diagnostics
    .filter((item) => item.code === code)
    .map(({ message, hint }) => `${message}; hint: ${hint}`);
const planned = () => [said.adopt];

/** What the guide runs into, who says so, and in which words. */
const FAILURES: [failure: string, by: string, told: () => string[], words: RegExp][] = [
  [
    'no externalIstiod',
    'check one-root',
    () => check('one-root', 'cluster-2'),
    /caBundle of 4 webhooks has none.*hint: .*externalIstiod/,
  ],
  ['no externalIstiod', 'plan --adopt', planned, /"EXTERNAL_ISTIOD","value":"true"/],
  [
    'no annotation',
    'check one-root',
    () => check('one-root', 'cluster-2'),
    /istio-ca-root-cert of production has none.*hint: .*topology\.istio\.io\/controlPlaneClusters/,
  ],
  [
    'no annotation',
    'drift ca-bundle',
    () => finding('ca-bundle'),
    /is empty: the API server cannot verify istiod, and new pods are refused/,
  ],
  [
    'injectionURL with an IP',
    'check injection',
    () => check('injection', 'cluster-2'),
    /doesn't contain any IP SANs.*hint: .*meshplan apply/,
  ],
  [
    'injectionURL without cluster and network',
    'check injector-address',
    () => check('injector-address', 'cluster-2'),
    /:15017\/inject, not to \/inject\/cluster\/cluster-2\/net\/network1.*hint: .*identity of another cluster/,
  ],
  [
    "istioctl's second injector, with the same URL",
    'code second-injector',
    () => diagnostic('second-injector'),
    /cluster-2: .*istio-revision-tag-default.* asks https:\S+:15017\/inject;.*hint: .*delete mutatingwebhookconfiguration/,
  ],
  [
    'replicaCount under an autoscaler',
    'check istiod-ready',
    () => check('istiod-ready', 'cluster-1'),
    /1 of 1 replicas available.*hint: .*fewer .* than declared/,
  ],
  [
    'a selector for every revision',
    'code field-conflict',
    () => diagnostic('field-conflict'),
    /istiod-external .* owns spec\.selector.*hint: .*--adopt/,
  ],
  [
    'no Service backend in cluster-1',
    'plan --adopt',
    planned,
    /\+ cluster-1\/v1\/Service\/production\/backend/,
  ],
  [
    'ports without a name',
    'plan --adopt',
    planned,
    /Service\/production\/backend.*\n\s+\+ \/spec\/ports\/0\/name = "http"/,
  ],
  [
    'a subset without pods',
    'code empty-subset',
    () => diagnostic('empty-subset'),
    /subset `v2` is empty; hint: .*503/,
  ],
  [
    'two DestinationRules on one host',
    'drift foreign-rule',
    () => finding('foreign-rule'),
    /backend-locality a DestinationRule for backend\S*, which spec\.traffic has rules for: .*the traffic policy of the older one/,
  ],
  [
    'no maxEjectionPercent',
    'plan --adopt',
    planned,
    /maxEjectionPercent is set to 100 because failover is declared/,
  ],
];
for (const [failure, by, told, words] of FAILURES) {
  test(`${failure}: ${by}`, () => {
    const texts = told();
    assert.ok(
      texts.some((text) => words.test(text)),
      texts.join('\n') || 'nothing was said',
    );
  });
}

test("istioctl's own injector goes, as the hint says", async () => {
  for (const cluster of ['cluster-1', 'cluster-2']) {
    await lab.kubectl(cluster, 'delete', 'mutatingwebhookconfiguration', 'istio-revision-tag-default');
  }
});

test('apply --adopt mends it: refused pods come, although their ReplicaSet would have waited for long', async () => {
  const { code, stdout, stderr } = await lab.meshplan('apply', '--adopt', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'The mesh works.');
  // Of the guide's own rules beside the declared ones Istio itself says what drift says.
  assert.match(
    stdout,
    /cluster-1: `istioctl analyze`[\s\S]*VirtualService\/production\/backend-route[^\n]*IST0109/,
  );
  assert.is((await podsOf(lab, 'cluster-2', 'backend')).length, 3);
});

test('what drift still names is the rules beside the declared ones; without them the frontend is answered', async () => {
  const { drift } = await json<Drift>('drift');
  assert.equal(drift.map(({ rule, address }) => `${rule} ${address.split('/').at(-1)}`).sort(), [
    'foreign-rule backend-destination',
    'foreign-rule backend-locality',
    'foreign-rule backend-route',
  ]);
  const rules = [
    'virtualservice/backend-route',
    'destinationrule/backend-destination',
    'destinationrule/backend-locality',
  ];
  await lab.kubectl('cluster-1', '-n', 'production', 'delete', ...rules);
  assert.is((await lab.meshplan('drift')).code, 0);
  assert.is((await lab.meshplan('verify')).code, 0);
  const names = new Set((await podsOf(lab, 'cluster-2', 'backend')).map(({ name }) => name));
  const answered = (replies: Awaited<ReturnType<typeof asked>>) =>
    countOf(replies, ({ body }) => names.has(body));
  await until(
    'an answer',
    () => asked(5),
    (replies) => answered(replies) > 0,
  );
  // The empty subset's share is lost still, as its warning says.
  const { low, high } = binomialBounds(50, 0.8);
  const count = answered(await asked(50));
  assert.ok(count >= low && count <= high, `${count} of 50`);
});

test('the lab goes without a trace', () => lab.down());

test.run();
