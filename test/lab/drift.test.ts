import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, labUp } from '../support/lab.js';
import { ROOT } from '../support/run.js';
import { apply, cacerts, newRoot } from './lab-mesh.js';

interface Entry {
  address: string;
  lens: string;
  rule: string;
  patch: { op: string; path: string; value?: unknown }[];
  before?: Record<string, unknown>;
  by?: string;
  at?: string;
  message?: string;
  source?: { file: string; line: number };
}

interface DriftJson {
  actions: { id: string; change: string }[];
  drift: Entry[];
  ignored: { address: string; count: number }[];
}

const TOKEN = 'istio-reader-service-account-istio-remote-secret-token';
const FRONTEND = 'cluster-1/apps/v1/Deployment/production/frontend';
const BACKEND_SERVICE = 'cluster-2/v1/Service/production/backend';
let lab: Lab;
let began: number;

async function driftJson(code: number, ...args: string[]): Promise<DriftJson> {
  const answer = await lab.meshplan('drift', '-o', 'json', ...args);
  assert.is(answer.code, code, answer.stdout + answer.stderr);
  return JSON.parse(answer.stdout) as DriftJson;
}

/** One entry, with an author and a time within this test. */
function signed(found: DriftJson, address: string, rule: string, by: string): Entry {
  const entry = found.drift.find((item) => item.address === address && item.rule === rule);
  assert.ok(entry, `${rule} ${address} in ${JSON.stringify(found.drift, null, 1)}`);
  assert.is(entry?.by, by);
  const time = Date.parse(entry?.at ?? '');
  // Kubernetes notes whole seconds.
  assert.ok(time >= began - 1_000 && time <= Date.now() + 1_000, `${address} at ${entry?.at}`);
  return entry as Entry;
}

/** Changes an object as a person does, in an editor. */
async function edit(expression: string, cluster: string, ...object: string[]): Promise<void> {
  const script = await lab.write('editor.sh', `sed -i '${expression}' "$1"\n`);
  lab.env.KUBE_EDITOR = `sh ${script}`;
  await lab.kubectl(cluster, 'edit', ...object);
}

const foreignRule = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'theirs', namespace: 'production' },
  spec: { host: 'backend', trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } },
};

test('right after apply nothing differs, though istiod has flipped a failurePolicy', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '--quiet');
  assert.is(code, 0, stdout + stderr);
  began = Date.now();
  const found = await driftJson(0);
  assert.equal(found.drift, []);
  const hooks = 'validatingwebhookconfiguration';
  const path = 'jsonpath={.webhooks[0].failurePolicy} {.metadata.managedFields[*].manager}';
  const validator = await lab.kubectl(
    'cluster-1',
    ...['get', hooks, 'istio-validator-istio-system', '--show-managed-fields', '-o', path],
  );
  assert.match(validator, /^Fail /);
  assert.match(validator, 'pilot-discovery');
  assert.match((await lab.meshplan('drift')).stdout, 'No drift. The clusters match mesh1.');
});

test('each change is found with its author and time', async () => {
  await edit('s/istio-injection: enabled/istio-injection: disabled/', 'cluster-2', 'namespace', 'production');
  const port = '/^  ports:/a\\  - {name: debug, port: 9999, protocol: TCP, targetPort: 9999}';
  await edit(port, 'cluster-2', '-n', 'production', 'service', 'backend');
  await lab.kubectl('cluster-1', '-n', 'istio-system', 'delete', 'configmap', 'istio');
  await lab.kubectl('cluster-1', '-n', 'production', 'scale', 'deployment', 'frontend', '--replicas=4');
  await lab.kubectl('cluster-1', 'apply', '-f', await lab.write('rule.json', JSON.stringify(foreignRule)));
  await rotateToken();
  const found = await driftJson(2);

  const label = signed(found, 'cluster-2/v1/Namespace/production', 'changed', 'kubectl-edit');
  assert.equal(label.patch, [{ op: 'replace', path: '/metadata/labels/istio-injection', value: 'enabled' }]);
  assert.equal(label.before, { '/metadata/labels/istio-injection': 'disabled' });
  const added = signed(found, BACKEND_SERVICE, 'added', 'kubectl-edit');
  assert.is(added.lens, 'added');
  assert.is(added.patch[0]?.op, 'remove');
  assert.match(JSON.stringify(added.before), '9999');
  const scaled = signed(found, FRONTEND, 'changed', 'kubectl');
  assert.equal(scaled.before, { '/spec/replicas': 4 });
  const rule = signed(
    found,
    'cluster-1/networking.istio.io/v1/DestinationRule/production/theirs',
    'foreign-rule',
    'kubectl-client-side-apply',
  );
  const lines = (await readFile(join(lab.folder, 'mesh.yaml'), 'utf8')).split('\n');
  assert.match(lines[(rule.source?.line ?? 0) - 1] ?? '', 'host: backend.production');
  const secret = 'cluster-1/v1/Secret/istio-system/istio-remote-secret-cluster-2';
  signed(found, secret, 'token-rotated', 'kubectl-create');
  // The record of a deleted object went with it.
  const deleted = found.drift.find((item) => item.rule === 'deleted');
  assert.is(deleted?.address, 'cluster-1/v1/ConfigMap/istio-system/istio');
  assert.not(found.drift.some((item) => item.address.includes('WebhookConfiguration')));
});

/** A new Secret of the same name, as one makes it to have a new token. */
async function rotateToken(): Promise<void> {
  const system = ['-n', 'istio-system'];
  await lab.kubectl('cluster-2', ...system, 'delete', 'secret', TOKEN);
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: {
      name: TOKEN,
      namespace: 'istio-system',
      annotations: { 'kubernetes.io/service-account.name': 'istio-reader-service-account' },
    },
  };
  const file = await lab.write('token.json', JSON.stringify(secret));
  await lab.kubectl('cluster-2', 'create', '-f', file);
  for (let left = 50; left > 0; left -= 1) {
    const path = 'jsonpath={.data.token}';
    if (await lab.kubectl('cluster-2', ...system, 'get', 'secret', TOKEN, '-o', path)) return;
    await sleep(100);
  }
}

/** A kubeconfig with the token of the account that the example makes, as a nightly job has it. */
async function accountKubeconfig(rbac: string): Promise<string> {
  const config = JSON.parse(await readFile(join(lab.dir, 'kubeconfig'), 'utf8')) as {
    contexts: { name: string; context: { user: string } }[];
    users: { name: string; user: object }[];
  };
  const file = await lab.write('rbac.yaml', rbac);
  for (const { name, context } of config.contexts) {
    await lab.kubectl(name, 'apply', '-f', file);
    const token = await lab.kubectl(name, '-n', 'istio-system', 'create', 'token', 'meshplan-drift');
    const user = config.users.find((item) => item.name === context.user);
    if (user) user.user = { token: token.trim() };
  }
  return lab.write('account.json', JSON.stringify(config));
}

const EXAMPLE = join(ROOT, 'examples', 'nightly-drift', 'rbac.yaml');

test('the account of the nightly job finds the same, and one that may only read says what it could not', async () => {
  const rbac = await readFile(EXAMPLE, 'utf8');
  const all = await driftJson(2);
  const account = await accountKubeconfig(rbac);
  assert.equal((await driftJson(2, '--kubeconfig', account)).drift, all.drift);
  const reader = await accountKubeconfig(rbac.replaceAll(', patch, create]', ']'));
  const { code, stderr } = await lab.meshplan('drift', '--kubeconfig', reader);
  assert.is(code, 4, stderr);
  assert.match(stderr, 'cannot patch resource');
});

test('the other forms say the same, and no token', async () => {
  const [text, markdown, junit, sarif] = await Promise.all(
    ['text', 'markdown', 'junit', 'sarif'].map((form) => lab.meshplan('drift', '-o', form)),
  );
  for (const answer of [text, markdown, junit, sarif]) {
    assert.is(answer?.code, 2, answer?.stderr);
    assert.match(answer?.stdout ?? '', FRONTEND);
    assert.not.match(answer?.stdout ?? '', /eyJ[\w-]{20}/);
  }
  assert.match(text?.stdout ?? '', /~ \/spec\/replicas = 2 -> 4\n +by kubectl at 20/);
  assert.match(junit?.stdout ?? '', /<testsuite name="cluster-2"/);
  const { runs } = JSON.parse(sarif?.stdout ?? '') as {
    runs: {
      results: {
        ruleId: string;
        locations: { physicalLocation: { artifactLocation: { uri: string } } }[];
      }[];
    }[];
  };
  const results = runs[0]?.results ?? [];
  assert.ok(results.some(({ ruleId }) => ruleId === 'drift/foreign-rule'));
  assert.ok(
    results.every(({ locations: [at] }) => at?.physicalLocation.artifactLocation.uri === 'mesh.yaml'),
  );
});

test('what mesh.yaml ignores is left out and counted, and a plan has it still', async () => {
  const overlay = {
    spec: {
      drift: {
        ignore: [
          { address: 'cluster-1/apps/v1/Deployment/**', pointers: ['/spec/replicas'], manager: 'kubectl*' },
          { address: '*/v1/Service/production/*', reason: 'debugging' },
          { address: 'cluster-9/**' },
        ],
      },
    },
  };
  const file = await lab.write('ignore.json', JSON.stringify(overlay));
  const found = await driftJson(2, '--overlay', file);
  assert.equal(
    found.ignored.map(({ count }) => count),
    [1, 1, 0],
  );
  assert.not(found.drift.some(({ address }) => address === FRONTEND || address === BACKEND_SERVICE));
  const { stdout } = await lab.meshplan('drift', '--overlay', file);
  assert.match(stdout, 'Ignored by spec.drift.ignore: 2 differences.');
  assert.match(stdout, /note: the rule at \S+ignore\.json:1 of spec\.drift\.ignore fits nothing/);
  assert.match((await lab.meshplan('plan', '--overlay', file)).stdout, '/spec/replicas = 4 -> 2');
});

test('apply takes back what was changed; what others added stays drift, and is none of the plan', async () => {
  await lab.kubectl(
    'cluster-2',
    '-n',
    'production',
    'autoscale',
    'deployment',
    'backend',
    '--min=7',
    '--max=9',
  );
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '--quiet');
  assert.is(code, 0, stdout + stderr);
  await autoscaled();
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
  // By hand as well: kubectl owns the number then, and the autoscaler still decides it.
  await lab.kubectl('cluster-2', '-n', 'production', 'scale', 'deployment', 'backend', '--replicas=8');
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
  const found = await driftJson(2);
  // The token's Secret is somebody else's now.
  assert.equal(found.drift.map(({ rule, address }) => `${rule} ${address}`).sort(), [
    `added ${BACKEND_SERVICE}`,
    'foreign-rule cluster-1/networking.istio.io/v1/DestinationRule/production/theirs',
    `replaced cluster-2/v1/Secret/istio-system/${TOKEN}`,
  ]);
});

/** Waits until the autoscaler has acted, which it does every 15 seconds. */
async function autoscaled(): Promise<void> {
  const get = ['-n', 'production', 'get', 'deployment', 'backend', '-o', 'jsonpath={.spec.replicas}'];
  for (let left = 60; left > 0; left -= 1) {
    if ((await lab.kubectl('cluster-2', ...get)) === '7') return;
    await sleep(500);
  }
  assert.unreachable('the autoscaler did not act');
}

test('a root that was replaced in one cluster is named with author and time', async () => {
  await apply(lab.dir, 'cluster-2', [await cacerts('cluster-2', await newRoot())]);
  assert.is((await lab.meshplan('plan')).code, 3);
  const found = await driftJson(2);
  const address = 'cluster-2/v1/Secret/istio-system/cacerts';
  const entry = signed(found, address, 'root-replaced', 'kubectl-client-side-apply');
  assert.match(entry.message ?? '', /its root is sha256:\w+…, and that of the mesh sha256:/);
});

test('the lab goes without a trace', () => lab.down());

test.run();
