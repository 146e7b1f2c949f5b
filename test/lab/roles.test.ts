import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, labUp } from '../support/lab.js';
import type { PlanJson } from '../support/plan-shape.js';
import { pushedTo } from '../support/proxy.js';

/** A primary and two remotes that have no keys of an authority: whoever is promoted gets one first. */
let lab: Lab;
const SYSTEM = ['-n', 'istio-system'];
const CART = 'outbound|80||cart.storefront.svc.cluster.local';
const TOKEN = 'istio-reader-service-account-istio-remote-secret-token';

/** Gives the mesh another primary, as a person edits the file. */
async function edit(from: string, to: string): Promise<void> {
  const file = join(lab.folder, 'mesh.yaml');
  const text = await readFile(file, 'utf8');
  const swapped = text
    .replace(new RegExp(`(name: ${to}[^]*?role: )remote`), '$1primary')
    .replace(new RegExp(`(name: ${from}[^]*?role: )primary`), '$1remote');
  assert.is.not(swapped, text);
  await writeFile(file, swapped);
}

/** A `lab` command. */
async function power(...args: string[]): Promise<void> {
  const { code, stderr } = await lab.meshplan('lab', ...args);
  assert.is(code, 0, stderr);
}

async function planned(): Promise<PlanJson> {
  const { code, stdout, stderr } = await lab.meshplan('plan', '-o', 'json');
  assert.is(code, 0, stderr);
  return JSON.parse(stdout) as PlanJson;
}

/** Applies, and gives back when each action began and ended, as `begins ID` and `done ID`. */
async function applied(): Promise<string[]> {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '-o', 'json');
  assert.is(code, 0, stdout + stderr);
  const again = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(again.code, 0, again.stdout);
  return stepsOf(stdout);
}

const STEPS: Record<string, string> = { 'action.started': 'begins', 'action.done': 'done' };

function stepsOf(events: string): string[] {
  return events
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { type: string; action?: string })
    .flatMap(({ type, action }) => (STEPS[type] ? [`${STEPS[type]} ${action}`] : []));
}

/** Asserts that these came in this order. */
function assertOrder(steps: string[], ...expected: string[]): void {
  const found = expected.map((step) => steps.indexOf(step));
  assert.ok(
    found.every((place, index) => place > (found[index - 1] ?? -1)),
    `${expected.join(', ')}:\n${steps.join('\n')}`,
  );
}

/** What of the Service istiod leads elsewhere than mesh.yaml says. */
const controllersEndpoints = async (context: string) =>
  (
    await lab.kubectl(
      context,
      ...SYSTEM,
      ...['get', 'endpointslices,endpoints', '-l', 'meshplan.dev/mesh', '-o', 'name'],
    )
  )
    .split('\n')
    .filter((name) => /\/istiod(-[a-z0-9]{5})?$/.test(name));

/** Whether istiod of a primary serves a proxy of a cluster, which has to prove there who it is. */
async function serves(primary: string, cluster: string): Promise<void> {
  const pod = {
    cluster,
    context: `shop-${cluster}`,
    namespace: 'storefront',
    name: 'probe',
    address: '10.9.9.9',
  };
  const { clusters } = await pushedTo(lab, `shop-${primary}`, pod, { routes: ['80'], endpoints: [CART] });
  assert.ok(clusters.has(CART), [...clusters.keys()].join('\n'));
}

test('a switchover: the remotes move one after the other, and the old primary ends last', async () => {
  lab = await labUp({ example: 'two-remotes' });
  const first = await lab.meshplan('apply', '-y', '--quiet');
  assert.is(first.code, 0, first.stderr);
  await edit('hub', 'edge-north');
  const plan = await planned();
  assert.equal(
    plan.actions.filter(({ impact }) => impact === 'mtls-risk').map(({ id }) => id),
    [],
  );
  const steps = await applied();
  assertOrder(
    steps,
    'done edge-north/trust',
    'begins edge-north/control-plane',
    'done edge-north/control-plane',
    'begins edge-north/federate/edge-south',
    'begins edge-south/data-plane',
    'done edge-south/data-plane',
    'begins edge-north/federate/hub',
    'begins hub/data-plane',
    'done hub/data-plane',
    'begins hub/removal',
  );
});

test('... each proxy is served by the new primary, and nothing is left of the old one', async () => {
  for (const cluster of ['edge-south', 'edge-north', 'hub']) await serves('edge-north', cluster);
  assert.equal(await controllersEndpoints('shop-hub'), []);
  const { code, stdout } = await lab.meshplan('verify');
  assert.is(code, 0, stdout);
});

const tokenOf = async (context: string) =>
  Buffer.from(
    await lab.kubectl(context, ...SYSTEM, 'get', 'secret', TOKEN, '-o', 'jsonpath={.data.token}'),
    'base64',
  ).toString();

/** Whether a token of a reader still opens a cluster. */
async function opens(context: string, token: string): Promise<boolean> {
  const server = await lab.kubectl(
    context,
    'config',
    'view',
    '--minify',
    '-o',
    'jsonpath={.clusters[0].cluster.server}',
  );
  const { stdout } = await lab.run(
    ...['curl', '-sk', '-H', `Authorization: Bearer ${token}`, `${server}/api/v1/namespaces`],
    ...['-o', '/dev/null', '-w', '%{http_code}'],
  );
  return stdout === '200';
}

test('a failover: what the lost primary held opens nothing any more, and is made anew once', async () => {
  const before = await tokenOf('shop-edge-south');
  const own = await tokenOf('shop-hub');
  assert.ok((await opens('shop-edge-south', before)) && (await opens('shop-hub', own)));
  await power('stop', 'edge-north');
  const { code, stdout, stderr } = await lab.meshplan('promote', 'hub', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.not.ok((await opens('shop-edge-south', before)) || (await opens('shop-hub', own)));
  assert.is.not(await tokenOf('shop-edge-south'), before);
  await serves('hub', 'edge-south');
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
});

test('the old primary comes back and takes its place as a remote', async () => {
  await power('start', 'edge-north');
  const file = join(lab.folder, 'mesh.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/\n +fenced:[^\n]*/, ''));
  assertOrder(
    await applied(),
    'done hub/federate/edge-north',
    'begins edge-north/data-plane',
    'begins edge-north/removal',
  );
  await serves('hub', 'edge-north');
  assert.equal(await controllersEndpoints('shop-edge-north'), []);
  const { code, stdout } = await lab.meshplan('verify');
  assert.is(code, 0, stdout);
});

test('the lab goes without a trace', () => lab.down());

test.run();
