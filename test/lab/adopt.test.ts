import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labStatus } from '../../src/lab/index.js';
import type { KubeObject } from '../../src/model/kube.js';
import { type Lab, labUp } from '../support/lab.js';
import type { PlanJson } from '../support/plan-shape.js';
import { makeMesh } from './lab-mesh.js';

const CLUSTERS = ['cluster-1', 'cluster-2'];
const REMOTE_SECRET = 'cluster-1/v1/Secret/istio-system/istio-remote-secret-cluster-2';
let lab: Lab;
let adopted: string[] = [];

/** Objects of a plan in the shape that this test reads. */
async function objectsOf(...args: string[]) {
  const { code, stdout, stderr } = await lab.meshplan(...args, '-o', 'json');
  const plan = JSON.parse(stdout) as PlanJson;
  const objects = plan.actions.flatMap(
    (action) => action.objects,
  ) as (PlanJson['actions'][number]['objects'][number] & {
    reason: string;
    adoptedFrom?: string[];
    notes?: string[];
  })[];
  return { code, stderr, plan, objects };
}

/** All that an adoption may not change, by address: no bookkeeping, no status, no label of meshplan. */
async function contents(): Promise<Map<string, string>> {
  const kinds = [...new Set(adopted.map((address) => address.split('/').slice(0, -1).join('/')))];
  const found = new Map<string, string>();
  for (const cluster of CLUSTERS) {
    const names = new Set(
      kinds
        .filter((kind) => kind.startsWith(`${cluster}/`))
        .map((kind) => kind.split('/').find((part) => /^[A-Z]/.test(part))),
    );
    const list = await lab.kubectl(cluster, 'get', [...names].join(','), '-A', '-o', 'json');
    for (const object of (JSON.parse(list) as { items: KubeObject[] }).items) {
      const { apiVersion, kind, metadata } = object;
      const { managedFields: _m, resourceVersion: _r, labels, ...rest } = metadata;
      const theirs = Object.entries(labels ?? {}).filter(([key]) => !key.startsWith('meshplan.dev/'));
      const address = [cluster, apiVersion, kind, metadata.namespace, metadata.name]
        .filter(Boolean)
        .join('/');
      const { status: _s, ...content } = object;
      found.set(
        address,
        JSON.stringify({ ...content, metadata: { ...rest, labels: Object.fromEntries(theirs) } }),
      );
    }
  }
  return new Map(adopted.map((address) => [address, found.get(address) ?? 'gone']));
}

const istiod = async () => ({
  processes: (await labStatus({ dir: lab.dir })).clusters[0]?.istiod.map(({ pid, replicaSet }) => ({
    pid,
    replicaSet,
  })),
  pods: await lab.kubectl(
    'cluster-1',
    '-n',
    'istio-system',
    'get',
    'pods,replicasets',
    '-l',
    'app=istiod',
    '-o',
    'name',
  ),
});

/** Who owns fields of istiod's Deployment. */
async function managersOfIstiod(): Promise<string[]> {
  const args = ['get', 'deployment', 'istiod', '--show-managed-fields', '-o', 'json'];
  const text = await lab.kubectl('cluster-1', '-n', 'istio-system', ...args);
  const { metadata } = JSON.parse(text) as KubeObject;
  return (metadata.managedFields ?? []).map(({ manager }) => manager ?? '');
}

test('a mesh made with istioctl, kubectl and Helm works', async () => {
  lab = await labUp({ example: 'primary-remote' });
  await makeMesh(lab.dir);
  for (const end = Date.now() + 60_000; ; await sleep(1_000)) {
    const { code, stdout } = await lab.meshplan('verify');
    if (code === 0) break;
    assert.ok(Date.now() < end, stdout);
  }
});

test('plan names each conflict with the managers of its fields, and --adopt', async () => {
  const { code, plan } = await objectsOf('plan');
  assert.is(code, 1);
  const conflicts = plan.diagnostics.filter((item) => item.code === 'field-conflict');
  const messageOf = (address: string) =>
    conflicts.find(({ message }) => message.startsWith(address))?.message ?? '';
  assert.match(messageOf(REMOTE_SECRET), 'kubectl-client-side-apply owns data.cluster-2');
  const account = 'cluster-2/v1/ServiceAccount/istio-system/istio-reader-service-account';
  assert.match(messageOf(account), /helm owns .*metadata\.labels\.release/);
  assert.ok(conflicts.every(({ hint }) => hint?.includes('--adopt')));
  assert.is((await lab.meshplan('apply', '-y')).code, 1);
});

test('plan --adopt takes over by address and by manager; objects of others stay', async () => {
  const { objects, plan } = await objectsOf(
    'plan',
    '--adopt',
    'cluster-1/**/istiod',
    '--adopt',
    'manager:helm',
  );
  const taken = objects.filter(({ reason }) => reason === 'adopted').map(({ address }) => address);
  assert.ok(taken.includes('cluster-1/apps/v1/Deployment/istio-system/istiod'));
  assert.ok(taken.includes('cluster-2/v1/Service/istio-system/istiod'));
  assert.not(taken.includes(REMOTE_SECRET));
  assert.ok(
    plan.diagnostics.some(
      ({ code, message }) => code === 'field-conflict' && message.startsWith(REMOTE_SECRET),
    ),
  );
});

test('plan --adopt changes nothing but labels of what is there', async () => {
  const { code, objects, plan } = await objectsOf('plan', '--adopt');
  assert.is(code, 0);
  const found = objects.filter(({ change }) => change !== 'create');
  assert.equal(
    found.filter(({ reason }) => reason !== 'adopted').map(({ address }) => address),
    [],
  );
  for (const { address, patch, adoptedFrom } of found) {
    assert.ok((adoptedFrom?.length ?? 0) > 0, address);
    for (const { path } of patch) assert.match(path, /^\/metadata\/labels(\/meshplan\.dev|$)/, address);
  }
  // The rules of routing are new, and the mesh is there to notice.
  const felt = plan.actions.filter(({ impact }) => impact !== 'none');
  assert.equal(
    felt.map(({ kind, change }) => `${change} ${kind}`),
    ['create traffic'],
  );
  adopted = found.map(({ address }) => address);
  assert.ok(adopted.length > 60);
});

test('apply --adopt changes only ownership and labels, and istiod goes on', async () => {
  assert.ok((await managersOfIstiod()).includes('kubectl-client-side-apply'));
  const before = { contents: await contents(), istiod: await istiod() };
  const { code, stdout, stderr } = await lab.meshplan('apply', '--adopt', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'The mesh works.');
  const after = await contents();
  for (const [address, text] of before.contents) assert.is(after.get(address), text, address);
  assert.equal(await istiod(), before.istiod);
  assert.not((await managersOfIstiod()).includes('kubectl-client-side-apply'));
  const plan = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(plan.code, 0, plan.stdout);
  const drift = await lab.meshplan('drift');
  assert.is(drift.code, 0, drift.stdout);
});

/** Writes mesh.yaml anew. */
async function edit(from: string | RegExp, to: string, file = 'mesh.yaml'): Promise<void> {
  const path = join(lab.folder, file);
  const text = await readFile(path, 'utf8');
  assert.ok(text.match(from), String(from));
  await writeFile(path, text.replace(from, to));
}

const TRAFFIC = /\n {2}traffic:\n[\s\S]*?(?=\n {2}monitoring:)/;
const RULES = [
  'cluster-1/networking.istio.io/v1/VirtualService/production/backend',
  'cluster-1/networking.istio.io/v1/DestinationRule/production/backend',
];

test('what must stay holds when its declaration is gone, by prune and by destroy', async () => {
  const yaml = await readFile(join(lab.folder, 'mesh.yaml'), 'utf8');
  await edit('    - host: backend', '    - lifecycle: { preventDelete: true }\n      host: backend');
  const set = await lab.meshplan('apply', '-y');
  assert.is(set.code, 0, set.stderr);
  await edit(TRAFFIC, '');
  for (const args of [
    ['apply', '-y'],
    ['destroy', '-y'],
  ]) {
    const { code, stderr } = await lab.meshplan(...args);
    assert.is(code, 1, stderr);
    const finding = stderr.split('\n').find((line) => line.includes('prevent-delete')) ?? stderr;
    for (const address of RULES) assert.match(finding, address);
  }
  await lab.kubectl('cluster-1', '-n', 'production', 'get', 'virtualservice', 'backend');
  await lab.kubectl('cluster-1', '-n', 'istio-system', 'get', 'deployment', 'istiod');
  await writeFile(join(lab.folder, 'mesh.yaml'), yaml);
  const lifted = await lab.meshplan('apply', '-y');
  assert.is(lifted.code, 0, lifted.stderr);
  const annotations = ['get', 'virtualservice', 'backend', '-o', 'jsonpath={.metadata.annotations}'];
  assert.is((await lab.kubectl('cluster-1', '-n', 'production', ...annotations)).trim(), '');
});

test('a replace says which field, from what to what, and what is lost; kept by hand, it is refused', async () => {
  await lab.kubectl(
    'cluster-1',
    '-n',
    'production',
    'annotate',
    'deployment',
    'frontend',
    'meshplan.dev/prevent-delete=true',
  );
  await edit(/(matchLabels:\s*\n?\s*\{?\s*app: )frontend/, '$1front', 'apps/frontend.yaml');
  await edit(/(template:[\s\S]*?app: )frontend/, '$1front', 'apps/frontend.yaml');
  const { code, plan, objects } = await objectsOf('plan');
  assert.is(code, 1);
  assert.ok(
    plan.diagnostics.some(
      ({ code, message }) => code === 'prevent-delete' && message.includes('Deployment/production/frontend'),
    ),
  );
  const frontend = objects.find(({ address }) => address.endsWith('Deployment/production/frontend'));
  assert.is(frontend?.change, 'replace');
  assert.match(
    frontend?.notes?.[0] ?? '',
    'spec.selector is set only at creation: matchLabels/app "frontend" -> "front"',
  );
  assert.match(frontend?.notes?.[1] ?? '', 'its pods end');
  await lab.kubectl(
    'cluster-1',
    '-n',
    'production',
    'annotate',
    'deployment',
    'frontend',
    'meshplan.dev/prevent-delete-',
  );
  const applied = await lab.meshplan('apply', '-y');
  assert.is(applied.code, 0, applied.stdout + applied.stderr);
  assert.match(applied.stdout, '1 replaced');
});

test('what left mesh.yaml goes; a namespace that was there before is given back', async () => {
  await edit(TRAFFIC, '');
  const { code, objects } = await objectsOf('plan');
  assert.is(code, 0);
  const gone = objects.filter(({ change }) => change === 'delete').map(({ address }) => address);
  assert.equal(gone.sort(), RULES.toSorted());
  assert.is((await lab.meshplan('apply', '-y')).code, 0);
});

test('destroy removes what was adopted, and keeps the namespaces with what they had', async () => {
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'was there before meshplan: it stays');
  const left = await contents();
  const isNamespace = (address: string) => address.includes('/v1/Namespace/');
  for (const [address, text] of left) assert.is(text === 'gone', !isNamespace(address), address);
  const labels = await lab.kubectl(
    'cluster-2',
    'get',
    'namespace',
    'production',
    '-o',
    'jsonpath={.metadata.labels}',
  );
  assert.equal(JSON.parse(labels), {
    'istio-injection': 'enabled',
    'kubernetes.io/metadata.name': 'production',
    team: 'shop',
  });
  assert.match((await lab.meshplan('destroy', '-y')).stdout, 'Nothing to remove');
});

test('the lab goes without a trace', () => lab.down());

test.run();
