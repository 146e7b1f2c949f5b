import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, labUp } from '../support/lab.js';
import { assertPlanShape, type PlanJson } from '../support/plan-shape.js';

const FRONTEND = 'cluster-1/workload/apps-frontend';
const BACKEND = 'cluster-2/workload/apps-backend';
const SERVICE = 'cluster-2/v1/Service/production/backend';
let lab: Lab;

async function meshplan(expected: number, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.meshplan(...args);
  assert.is(code, expected, `meshplan ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout + stderr;
}

async function planOf(...args: string[]): Promise<PlanJson & { selection: { included: string[] } }> {
  const { stdout, stderr } = await lab.meshplan('plan', '-o', 'json', ...args);
  assert.ok(stdout.startsWith('{'), stderr);
  const plan = JSON.parse(stdout) as Awaited<ReturnType<typeof planOf>>;
  assertPlanShape(plan);
  return plan;
}

const changed = ({ actions }: PlanJson) =>
  actions.filter((action) => action.change !== 'noop').map((action) => action.id);
const replicasOf = (cluster: string, name: string) =>
  lab.kubectl(cluster, '-n', 'production', 'get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}');
const namesOf = (cluster: string, ...args: string[]) => lab.kubectl(cluster, 'get', '-o', 'name', ...args);

test('a target on an empty mesh brings what it needs, and says for whom', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const plan = await planOf('--target', FRONTEND);
  const needed = [
    'cluster-1/namespace/istio-system',
    'cluster-1/namespace/production',
    'mesh/root-ca',
    'cluster-1/trust',
    'cluster-1/crds',
    'cluster-1/exposure',
    'cluster-1/address',
    'cluster-1/control-plane',
  ];
  assert.equal(changed(plan).sort(), [...needed, FRONTEND].sort());
  assert.equal([...plan.selection.included].sort(), [...needed].sort());
  const text = await meshplan(0, 'plan', '--target', FRONTEND);
  assert.match(text, /cluster-1\/control-plane .*\(because cluster-1\/workload\/apps-frontend needs it\)/);
  assert.match(text, /Partial plan: --target .* \d+ actions with changes are not selected\./);
});

test('an apply of it leaves the other cluster alone, and verifies what it can claim', async () => {
  const output = await meshplan(0, 'apply', '-y', '--target', FRONTEND);
  assert.match(output, 'Applied in part');
  assert.match(output, 'Only cluster-1 is verified');
  assert.match(output, 'The mesh works.');
  assert.is(await replicasOf('cluster-1', 'frontend'), '2');
  assert.not.match(await namesOf('cluster-2', 'namespaces'), /istio-system|production/);
  assert.is(await namesOf('cluster-1', 'virtualservices.networking.istio.io', '-A'), '');
});

test('all but one workload: the mesh is whole, and what is left out is no change', async () => {
  const output = await meshplan(0, 'apply', '-y', '--exclude', BACKEND);
  assert.not.match(output, 'verified:');
  assert.is(await namesOf('cluster-2', 'deployments', '-n', 'production'), '');
  await meshplan(0, 'plan', '--detailed-exitcode', '--exclude', BACKEND);
  const plan = await planOf('--detailed-exitcode');
  assert.equal(changed(plan), [BACKEND]);
  await meshplan(2, 'plan', '--detailed-exitcode', '--target', BACKEND);
  await meshplan(0, 'apply', '-y');
  await meshplan(0, 'plan', '--detailed-exitcode');
});

test('one object of what was changed by hand is mended alone, and nothing is forgotten', async () => {
  const held = await meshplan(0, 'state', 'list');
  const port = JSON.stringify([{ op: 'replace', path: '/spec/ports/0/port', value: 8081 }]);
  await lab.kubectl(
    'cluster-2',
    '-n',
    'production',
    'patch',
    'service',
    'backend',
    '--type=json',
    '-p',
    port,
  );
  await lab.kubectl('cluster-2', '-n', 'production', 'scale', 'deployment', 'backend', '--replicas=1');
  const drift = await meshplan(2, 'drift', '--target', SERVICE);
  assert.match(drift, SERVICE);
  assert.not.match(drift, 'Deployment/production/backend');
  const output = await meshplan(0, 'apply', '-y', '--target', SERVICE);
  assert.match(output, '1 action with changes is selected in part.');
  const ports = ['get', 'service', 'backend', '-o', 'jsonpath={.spec.ports[*].port}'];
  assert.is(await lab.kubectl('cluster-2', '-n', 'production', ...ports), '80');
  assert.is(await replicasOf('cluster-2', 'backend'), '1');
  assert.is(await meshplan(0, 'state', 'list'), held);
  const [left] = (await planOf()).actions.filter((action) => action.change !== 'noop');
  assert.equal(
    left?.objects.filter((object) => object.change !== 'noop').map((object) => object.kind),
    ['Deployment'],
  );
});

test('--max-impact refuses more, names it, and takes the rest', async () => {
  await lab.kubectl('cluster-1', '-n', 'production', 'set', 'image', 'deployment/frontend', '*=other');
  const refused = await meshplan(1, 'apply', '-y', '--max-impact', 'none');
  assert.match(refused, /impact-exceeded cluster-1\/workload\/apps-frontend has the impact new-pods/);
  assert.match(refused, `--exclude ${FRONTEND}`);
  assert.is(await replicasOf('cluster-2', 'backend'), '1');
  await meshplan(0, 'apply', '-y', '--max-impact', 'none', '--exclude', FRONTEND);
  assert.is(await replicasOf('cluster-2', 'backend'), '3');
  assert.match(
    await meshplan(0, 'plan'),
    'Impact on traffic: new-pods at worst, by cluster-1/workload/apps-frontend.',
  );
  await meshplan(0, 'apply', '-y', '--max-impact', 'new-pods');
  await meshplan(0, 'plan', '--detailed-exitcode');
});

test('a pattern that means nothing is wrong input, with what was likely meant', async () => {
  const output = await meshplan(3, 'plan', '--target', 'cluster-1/workload/apps-fronted');
  assert.match(output, 'target-no-match');
  assert.match(output, `did you mean \`${FRONTEND}\`?`);
});

test('the graph of a part of the plan', async () => {
  const dot = await meshplan(0, 'graph', '--destroy', '--target', BACKEND);
  assert.match(dot, /"cluster-2\/workload\/apps-backend" \[label="- workload\/apps-backend/);
  assert.match(dot, 'not selected');
});

test('a part is removed with what depends on it, and stays removable; so is a remote without its primary', async () => {
  const home = await planOf('--destroy', '--target', 'cluster-1/namespace/production');
  assert.ok(home.selection.included.includes(FRONTEND));
  assert.not(changed(home).includes(BACKEND));
  await meshplan(0, 'destroy', '-y', '--target', SERVICE);
  const deployment = await meshplan(0, 'state', 'show', 'cluster-2/apps/v1/Deployment/production/backend');
  assert.match(deployment, '"phase": "applied"');
  await meshplan(0, 'destroy', '-y', '--target', BACKEND);
  assert.is(await namesOf('cluster-2', 'deployments', '-n', 'production'), '');
  assert.is(await replicasOf('cluster-1', 'frontend'), '2');
  assert.not.match(await meshplan(0, 'state', 'list'), 'cluster-2/apps/v1/Deployment');
  await meshplan(0, 'destroy', '-y', '--target', BACKEND);
  assert.equal(changed(await planOf()), [BACKEND]);
  await meshplan(0, 'destroy', '-y', '--target', 'cluster-2/**');
  assert.is(await namesOf('cluster-2', 'mutatingwebhookconfigurations'), '');
  assert.not.match(await namesOf('cluster-2', 'namespaces'), 'istio-system');
  assert.not.match(await namesOf('cluster-2', 'configmaps', '-A'), 'istio-ca');
  assert.is(await replicasOf('cluster-1', 'frontend'), '2');
  await meshplan(0, 'destroy', '-y', '--exclude', 'cluster-1/control-plane');
  assert.is(await namesOf('cluster-1', 'deployments', '-n', 'production'), '');
  assert.match(await namesOf('cluster-1', 'deployments', '-n', 'istio-system'), 'istiod');
});

test('the lab goes without a trace', () => lab.down());

test.run();
