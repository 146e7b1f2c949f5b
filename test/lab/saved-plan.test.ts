import { readFileSync, statSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SavedPlan } from '../../src/saved/saved-plan.js';
import { temporaryFolder } from '../support/folders.js';
import { type Lab, labUp } from '../support/lab.js';
import { assertPlanShape, type PlanJson } from '../support/plan-shape.js';
import { type Answer, MESHPLAN, run } from '../support/run.js';
import { keyCanary, tokenCanary, tracesIn } from '../support/traces.js';

const BACKEND = ['-n', 'production', 'patch', 'service', 'backend', '--type=json', '-p'];
const FRONTEND = ['-n', 'production', 'scale', 'deployment', 'frontend'];
let lab: Lab;

const replace = (path: string, value: unknown) => JSON.stringify([{ op: 'replace', path, value }]);

async function save(file: string, ...args: string[]): Promise<SavedPlan> {
  const { code, stderr } = await lab.meshplan('plan', '--out', file, ...args);
  assert.is(code, 0, stderr);
  const text = await readFile(join(lab.folder, file), 'utf8');
  const saved = JSON.parse(text) as SavedPlan;
  assert.match(stderr, saved.digest);
  return saved;
}

/** Applies a saved plan and gives back all that was printed. */
async function applyFile(code: number, ...args: string[]): Promise<string> {
  const answer: Answer = await lab.meshplan('apply', '-y', ...args);
  const said = answer.stdout + answer.stderr;
  assert.is(answer.code, code, said);
  return said;
}

const portOf = (cluster: string) =>
  lab.kubectl(
    cluster,
    ...['-n', 'production', 'get', 'service', 'backend', '-o', 'jsonpath={.spec.ports[0].port}'],
  );
const replicas = () =>
  lab.kubectl(
    'cluster-1',
    ...['-n', 'production', 'get', 'deployment', 'frontend', '-o', 'jsonpath={.spec.replicas}'],
  );

test('plan --out saves a plan for its owner alone, and prints its digest', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const saved = await save('first.plan');
  assert.is(statSync(join(lab.folder, 'first.plan')).mode & 0o777, 0o600);
  assertPlanShape(saved.plan as unknown as PlanJson);
  assert.ok(saved.plan.clusters.every((cluster) => cluster.uid !== ''));
  assert.not.match(readFileSync(join(lab.folder, 'first.plan'), 'utf8'), lab.folder);
});

test('apply of the file off a terminal needs -y; with another digest than its own it is refused', async () => {
  const asked = await lab.meshplan('apply', 'first.plan');
  assert.is(asked.code, 3);
  assert.match(asked.stderr, 'approval-needed');
  const said = await applyFile(3, 'first.plan', '--expect-digest', `sha256:${'0'.repeat(64)}`);
  assert.match(said, 'plan-digest');
});

test('a killed apply of the file leaves it good', async () => {
  const killed = lab.start(['apply', '-y', 'first.plan']);
  await killed.shows('cluster-1/control-plane: begins');
  killed.kill('SIGKILL');
  assert.is((await killed.answer).signal, 'SIGKILL');
});

test('apply of the file makes the mesh, and nothing is left to do', async () => {
  const { digest } = JSON.parse(readFileSync(join(lab.folder, 'first.plan'), 'utf8')) as SavedPlan;
  assert.match(await applyFile(0, 'first.plan', '--expect-digest', digest), 'The mesh works.');
  const { code, stdout } = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(code, 0, stdout);
});

test('a second apply of the same file finds all satisfied', async () => {
  assert.match(await applyFile(0, 'first.plan'), 'No changes.');
});

test('what is declared, and neither key nor token, is in the file of a plan that makes Secrets anew', async () => {
  await lab.kubectl('cluster-2', '-n', 'istio-system', 'delete', 'secret', 'cacerts');
  await lab.kubectl(
    'cluster-1',
    ...['-n', 'istio-system', 'patch', 'secret', 'istio-remote-secret-cluster-2', '-p'],
    JSON.stringify({ data: { 'cluster-2': 'Y2hhbmdlZA==' } }),
  );
  const saved = await save('secrets.plan', '-o', 'json');
  assert.ok(saved.plan.summary.create + saved.plan.summary.update > 1);
  const secret = async (cluster: string, name: string, key: string) =>
    Buffer.from(
      await lab.kubectl(
        cluster,
        ...['-n', 'istio-system', 'get', 'secret', name, '-o', `jsonpath={.data.${key.replace('.', '\\.')}}`],
      ),
      'base64',
    ).toString('utf8');
  const token = 'istio-reader-service-account-istio-remote-secret-token';
  const canaries = [
    keyCanary('root key', readFileSync(join(lab.folder, '.meshplan/ca/mesh1/root-key.pem'), 'utf8')),
    keyCanary('key of cluster-1', await secret('cluster-1', 'cacerts', 'ca-key.pem')),
    tokenCanary('reader token', await secret('cluster-2', token, 'token')),
  ];
  const text = readFileSync(join(lab.folder, 'secrets.plan'), 'utf8');
  assert.equal(tracesIn(text, canaries), []);
  assert.not.match(text, 'Y2hhbmdlZA==');
  await applyFile(0, 'secrets.plan');
});

test('a label of others and a new status leave a plan fresh; what it does not plan is left alone', async () => {
  await lab.kubectl('cluster-2', ...BACKEND, replace('/spec/ports/0/port', 8081));
  await save('port.plan');
  await lab.kubectl('cluster-2', '-n', 'production', 'label', 'service', 'backend', 'team=shop');
  const status = [{ op: 'add', path: '/status/conditions', value: [] }];
  await lab.kubectl('cluster-2', ...BACKEND, JSON.stringify(status), '--subresource=status');
  await lab.kubectl('cluster-1', ...FRONTEND, '--replicas=5');
  assert.match(await applyFile(0, 'port.plan'), 'not-planned');
  assert.is(await portOf('cluster-2'), '80');
  assert.is(await replicas(), '5');
  const { stdout } = await lab.meshplan('plan', '--detailed-exitcode', '-o', 'json');
  const { actions } = JSON.parse(stdout) as PlanJson;
  assert.equal(
    actions.filter((action) => action.change !== 'noop').map((action) => action.id),
    ['cluster-1/workload/apps-frontend'],
  );
});

test('what is decided during apply leaves alone what the plan did not change', async () => {
  const role = ['clusterrole', 'istio-reader-clusterrole-istio-system'];
  const verbs = () => lab.kubectl('cluster-2', 'get', ...role, '-o', 'jsonpath={.rules[0].verbs}');
  await lab.kubectl('cluster-1', '-n', 'istio-system', 'delete', 'service', 'istiod-external');
  const saved = await save('address.plan');
  assert.is(saved.plan.actions.find((action) => action.id === 'cluster-2/data-plane')?.change, 'unknown');
  const rule = replace('/rules/0/verbs', ['get', 'list', 'watch', 'patch']);
  await lab.kubectl('cluster-2', 'patch', ...role, '--type=json', '-p', rule);
  const said = await applyFile(0, 'address.plan');
  assert.match(said, /not-planned .*istio-reader-clusterrole/);
  assert.match(said, 'cluster-2/data-plane: done');
  assert.match(await verbs(), 'patch');
});

test('a planned field that somebody changed is refused with object, field and author', async () => {
  await lab.kubectl('cluster-1', ...FRONTEND, '--replicas=5');
  await lab.kubectl('cluster-2', ...BACKEND, replace('/spec/ports/0/port', 8081));
  await save('both.plan');
  await lab.kubectl('cluster-2', ...BACKEND, replace('/spec/ports/0/port', 8082), '--field-manager=rival');
  const said = await applyFile(3, 'both.plan');
  assert.match(said, 'stale-object cluster-2/v1/Service/production/backend');
  assert.match(said, /\/spec\/ports\/0\/port, by rival at 2/);
  assert.is(await replicas(), '5', 'nothing is done at all');
});

test('--partial applies to the other cluster, and exits with 3 still', async () => {
  const said = await applyFile(3, 'both.plan', '--partial');
  assert.match(said, 'stale-object');
  assert.is(await replicas(), '2');
  assert.is(await portOf('cluster-2'), '8082');
});

interface Kubeconfig {
  contexts: { context: { cluster: string } }[];
  clusters: { name: string; cluster: { server: string } }[];
}

async function kubeconfig(): Promise<Kubeconfig> {
  return JSON.parse(await lab.kubectl('cluster-1', 'config', 'view', '--raw', '-o', 'json')) as Kubeconfig;
}

test('a cluster that is silent now stops the apply, but for --partial', async () => {
  await lab.kubectl('cluster-1', ...FRONTEND, '--replicas=5');
  await save('silent.plan');
  const config = await kubeconfig();
  const silent = config.clusters.find(({ name }) => name === config.contexts[1]?.context.cluster);
  assert.ok(silent);
  silent.cluster.server = 'https://127.0.0.1:1';
  await lab.write('silent', JSON.stringify(config));
  const said = await applyFile(4, 'silent.plan', '--kubeconfig', 'silent');
  assert.match(said, 'cluster-unreachable cluster-2 was read when the plan was made');
  assert.is(await replicas(), '5');
  await applyFile(4, 'silent.plan', '--kubeconfig', 'silent', '--partial');
  assert.is(await replicas(), '2');
});

test('a context that leads to another cluster is refused, and so is another state', async () => {
  await save('moved.plan');
  const config = await kubeconfig();
  const [one, two] = config.contexts;
  assert.ok(one && two);
  [one.context, two.context] = [two.context, one.context];
  await lab.write('swapped', JSON.stringify(config));
  assert.match(await applyFile(3, 'moved.plan', '--kubeconfig', 'swapped'), 'cluster-changed');
  assert.match(await applyFile(3, 'moved.plan', '--state', 'other.json'), 'plan-state-foreign');
});

test('a changed mesh.yaml is refused, naming what differs', async () => {
  const file = join(lab.folder, 'mesh.yaml');
  const before = await readFile(file, 'utf8');
  await save('declared.plan');
  await writeFile(file, before.replace('weight: 80', 'weight: 70').replace('weight: 20', 'weight: 30'));
  const said = await applyFile(3, 'declared.plan');
  assert.match(said, 'plan-declaration-changed');
  assert.match(said, 'VirtualService/production/');
  await writeFile(file, before);
});

test('the plan of another checkout is applied from there, with the files that it names', async () => {
  const other = temporaryFolder();
  await save('moving.plan');
  await cp(lab.folder, other, { recursive: true, filter: (path) => !path.includes('.meshplan/lab') });
  const command = [process.execPath, MESHPLAN, 'apply', '-y', 'moving.plan'];
  const { code, stderr } = await run(command, { cwd: other, env: lab.env });
  assert.is(code, 0, stderr);
});

test('a plan of removal is for destroy, and removes', async () => {
  await save('removal.plan', '--destroy');
  assert.match(await applyFile(3, 'removal.plan'), 'plan-mode');
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y', 'removal.plan');
  assert.is(code, 0, stdout + stderr);
  assert.match((await lab.meshplan('destroy', '-y')).stdout, 'Nothing to remove');
});

test('the lab goes without a trace', () => lab.down());

test.run();
