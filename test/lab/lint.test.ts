import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan } from '../../src/model/plan.js';
import { limitedAccount, rulesWithout } from '../support/account.js';
import { type Lab, labUp } from '../support/lab.js';

let lab: Lab;

/** What others bring, or not: a Service, a subset, a region. */
const OVERLAY = `
spec:
  controlPlane: { exposure: { allowFrom: [0.0.0.0/0, "::/0"] } }
  traffic:
    - { host: prices.production.svc.cluster.local, outlierDetection: { consecutive5xxErrors: 5 } }
    - host: backend.production.svc.cluster.local
      failover: [{ from: us-east-1, to: eu-west-9 }]
`;

const WAIVERS = `
spec:
  lint:
    waivers:
      - { rule: foreign-rule, subject: cluster-1/**, reason: moved next week, expires: 2999-12-31 }
      - { rule: node-region, subject: cluster-2, reason: the nodes move, expires: 2999-12-31 }
`;

const OTHERS = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: by-hand, namespace: production }
spec: { hosts: [backend], http: [{ route: [{ destination: { host: backend } }] }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: by-hand, namespace: production }
spec: { host: "*.production.svc.cluster.local", trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }
`;

const PODS = `
apiVersion: v1
kind: Service
metadata: { name: prices, namespace: production }
spec: { selector: { app: prices }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: backend-v2, namespace: production, labels: { app: backend, version: v2, sidecar.istio.io/inject: "false" } }
spec: { containers: [{ name: backend, image: backend:v2 }] }
`;

const RULES = ['empty-subset', 'unknown-host', 'unknown-region', 'foreign-rule', 'node-region'];

async function plan(...flags: string[]) {
  const { code, stdout, stderr } = await lab.meshplan('plan', '-o', 'json', ...flags);
  assert.ok(stdout.startsWith('{'), stderr);
  const found = JSON.parse(stdout) as Plan;
  const subjects = found.diagnostics
    .filter((item) => RULES.includes(item.code))
    .map(({ severity, code: rule, subject }) => `${severity} ${rule} ${subject}`);
  return { code, plan: found, subjects: subjects.sort() };
}

test('what nobody brings is told by plan as by validate', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  await lab.write('more.yaml', OVERLAY);
  const { subjects } = await plan('--overlay', 'more.yaml');
  assert.equal(subjects, [
    'warning empty-subset backend.production.svc.cluster.local/v2',
    'warning unknown-host prices.production.svc.cluster.local',
    'warning unknown-region eu-west-9',
  ]);
  const validated = await lab.meshplan('validate', '--overlay', 'more.yaml');
  assert.match(validated.stdout, '0 errors, 3 warnings');
  const strict = await plan('--overlay', 'more.yaml', '--strict');
  assert.is(strict.code, 3);
  assert.equal(
    strict.subjects,
    subjects.map((line) => line.replace('warning', 'error')),
  );
});

test('what others bring is withdrawn, and rules of others are told with what wins', async () => {
  await lab.kubectl('cluster-1', 'apply', '-f', await lab.write('others.yaml', OTHERS));
  await lab.kubectl('cluster-2', 'apply', '-f', await lab.write('pods.yaml', PODS));
  const region = 'topology.kubernetes.io/region=eu-west-9';
  await lab.kubectl('cluster-2', 'label', 'nodes', '--all', '--overwrite', region);
  const { subjects, plan: found } = await plan('--overlay', 'more.yaml');
  assert.equal(subjects, [
    'warning foreign-rule cluster-1/networking.istio.io/v1/DestinationRule/production/by-hand',
    'warning foreign-rule cluster-1/networking.istio.io/v1/DestinationRule/production/by-hand',
    'warning foreign-rule cluster-1/networking.istio.io/v1/VirtualService/production/by-hand',
    'warning node-region cluster-2',
  ]);
  const about = (text: RegExp) => found.diagnostics.some(({ message }) => text.test(message));
  assert.ok(about(/VirtualService\/production\/by-hand .*older of the two, which is the declared one$/));
  assert.ok(
    about(/DestinationRule\/production\/by-hand .*is wider, so for this host only the declared rule/),
  );
  assert.ok(about(/nodes of cluster-2 are in eu-west-9, and mesh.yaml says us-west-2/));
});

test('strict counts what is left, after waivers too, and applies nothing', async () => {
  const flags = ['--overlay', 'more.yaml', '--strict'];
  assert.is((await plan(...flags)).code, 3);
  const applied = await lab.meshplan('apply', '-y', ...flags);
  assert.is(applied.code, 3, applied.stderr);
  assert.match(applied.stderr, 'Nothing was changed, because of the errors above.');
  await lab.write('waivers.yaml', WAIVERS);
  const waived = await plan(...flags, '--overlay', 'waivers.yaml');
  assert.is(waived.code, 0);
  assert.equal(waived.subjects, []);
  assert.is(waived.plan.waived?.length, 4);
  const text = await lab.meshplan('plan', ...flags, '--overlay', 'waivers.yaml');
  assert.match(text.stdout, 'Waived by spec.lint.waivers: 4 findings.');
});

test('drift shows rules of others once, with their authors', async () => {
  const { stdout } = await lab.meshplan('drift', '--overlay', 'more.yaml', '-o', 'json');
  const report = JSON.parse(stdout) as Plan;
  assert.is(report.diagnostics.filter(({ code }) => code === 'foreign-rule').length, 0);
  assert.ok(
    report.drift.some(({ rule, by }) => rule === 'foreign-rule' && by === 'kubectl-client-side-apply'),
  );
});

test('what may not be read is noted, and its rule left out', async () => {
  const kubeconfig = await limitedAccount(lab, 'cluster-2', 'no-nodes', rulesWithout('nodes'));
  const { plan: found, subjects } = await plan('--overlay', 'more.yaml', '--kubeconfig', kubeconfig);
  assert.not(subjects.includes('warning node-region cluster-2'));
  const notes = found.diagnostics.filter(({ code }) => code === 'read-forbidden');
  assert.is(new Set(notes.map(({ message }) => message)).size, notes.length, 'each right is told once');
  assert.ok(notes.some(({ message }) => message.includes('what hangs on kind Node there is not known')));
  const flags = ['--overlay', 'more.yaml', '--overlay', 'waivers.yaml', '--kubeconfig', kubeconfig];
  const { diagnostics } = (await plan(...flags)).plan;
  assert.not(
    diagnostics.some(({ code }) => code === 'waiver-unused'),
    'what is not known may need its waiver',
  );
});

test('the lab goes without a trace', () => lab.down());

test.run();
