import { X509Certificate } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertSameListings, listings } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';
import type { PlanJson } from '../support/plan-shape.js';

const CLUSTERS = ['cluster-1', 'cluster-2'];
let lab: Lab;

async function apply(): Promise<void> {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
}

async function assertPlanIsEmpty(): Promise<void> {
  const { code, stdout, stderr } = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'No changes.');
}

/** The fingerprint of one certificate of each cluster's Secret cacerts. */
async function fingerprints(file: 'root-cert.pem' | 'ca-cert.pem'): Promise<string[]> {
  const path = `jsonpath={.data.${file.replace('.', '\\.')}}`;
  const read = (cluster: string) =>
    lab.kubectl(cluster, '-n', 'istio-system', 'get', 'secret', 'cacerts', '-o', path);
  const encoded = await Promise.all(CLUSTERS.map(read));
  return encoded.map((text) => new X509Certificate(Buffer.from(text, 'base64')).fingerprint256);
}

test('the mesh is there', async () => {
  lab = await labUp({ example: 'primary-remote' });
  await apply();
});

test('drift names what was deleted, and what was changed with its author and time', async () => {
  await lab.kubectl('cluster-1', '-n', 'istio-system', 'delete', 'configmap', 'istio');
  await lab.kubectl('cluster-2', 'delete', 'mutatingwebhookconfiguration', 'istio-sidecar-injector');
  await lab.kubectl(
    'cluster-2',
    'label',
    '--overwrite',
    'namespace',
    'production',
    'istio-injection=disabled',
  );
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

  const { code, stdout, stderr } = await lab.meshplan('drift', '-o', 'json');
  assert.is(code, 2, stderr);
  const { drift } = JSON.parse(stdout) as PlanJson;
  assert.equal(drift.map(({ address }) => address).sort(), [
    'cluster-1/v1/ConfigMap/istio-system/istio',
    'cluster-2/admissionregistration.k8s.io/v1/MutatingWebhookConfiguration/istio-sidecar-injector',
    'cluster-2/v1/Namespace/production',
    'cluster-2/v1/Service/production/backend',
  ]);
  for (const [address, author] of [
    ['cluster-2/v1/Namespace/production', 'kubectl-label'],
    ['cluster-2/v1/Service/production/backend', 'kubectl-patch'],
  ]) {
    const entry = drift.find((item) => item.address === address);
    assert.is(entry?.by, author);
    assert.ok(Math.abs(Date.parse(entry?.at ?? '') - Date.now()) < 600_000, entry?.at);
    assert.ok((entry?.patch.length ?? 0) > 0);
  }
  const text = await lab.meshplan('drift');
  assert.is(text.code, 2);
  assert.match(text.stdout, 'kubectl-patch');
});

test('apply mends all of it', async () => {
  await apply();
  await assertPlanIsEmpty();
  assert.is((await lab.meshplan('drift')).code, 0);
  const service = await lab.kubectl(
    'cluster-2',
    ...['-n', 'production', 'get', 'service', 'backend', '-o', 'jsonpath={.spec.ports[*].port}'],
  );
  assert.is(service, '80');
});

test('what others add shows in no plan', async () => {
  await lab.kubectl('cluster-2', 'label', 'namespace', 'production', 'team=shop');
  await lab.kubectl('cluster-1', '-n', 'production', 'annotate', 'deployment', 'frontend', 'note=mine');
  await assertPlanIsEmpty();
});

test('without the state file the plan is empty still, and no CA is replaced', async () => {
  const roots = await fingerprints('root-cert.pem');
  assert.is(new Set(roots).size, 1);
  const intermediates = await fingerprints('ca-cert.pem');
  const held = await listings(lab, CLUSTERS);
  await rm(join(lab.folder, 'meshplan.state.json'));
  await assertPlanIsEmpty();
  await apply();
  assertSameListings(await listings(lab, CLUSTERS), held);
  assert.equal(await fingerprints('root-cert.pem'), roots);
  assert.equal(await fingerprints('ca-cert.pem'), intermediates);
});

test('without the root key, and without the whole CA folder, the plan is empty still', async () => {
  const ca = join(lab.folder, '.meshplan', 'ca', 'mesh1');
  await rename(join(ca, 'root-key.pem'), join(lab.folder, 'root-key.kept'));
  await assertPlanIsEmpty();
  await rename(join(ca, 'root-cert.pem'), join(lab.folder, 'root-cert.kept'));
  await assertPlanIsEmpty();
});

test('a lost intermediate is then an error with the way out, and nothing is touched', async () => {
  await lab.kubectl('cluster-2', '-n', 'istio-system', 'delete', 'secret', 'cacerts');
  const held = await listings(lab, CLUSTERS);
  for (const args of [
    ['plan', '--detailed-exitcode'],
    ['apply', '-y'],
  ]) {
    const { code, stderr } = await lab.meshplan(...args);
    assert.is(code, 3, stderr);
    assert.match(stderr, 'ca-key-missing');
    assert.match(stderr, '.meshplan/ca/mesh1/');
  }
  assertSameListings(await listings(lab, CLUSTERS), held);
});

test('with the key back, the new intermediate comes from the same root', async () => {
  const ca = join(lab.folder, '.meshplan', 'ca', 'mesh1');
  await rename(join(lab.folder, 'root-key.kept'), join(ca, 'root-key.pem'));
  await rename(join(lab.folder, 'root-cert.kept'), join(ca, 'root-cert.pem'));
  await apply();
  assert.is(new Set(await fingerprints('root-cert.pem')).size, 1);
  await assertPlanIsEmpty();
});

test('a Namespace that is being deleted is waited for, and made again', async () => {
  await lab.kubectl('cluster-2', 'delete', 'namespace', 'production', '--wait=false');
  await apply();
  await assertPlanIsEmpty();
});

test('the lab goes without a trace', () => lab.down());

test.run();
