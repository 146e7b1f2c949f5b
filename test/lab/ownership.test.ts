import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertSameListings, type Listings, listings } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';

const CLUSTERS = ['cluster-1', 'cluster-2'];
const VIRTUAL_SERVICE = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'theirs', namespace: 'default' },
  spec: { hosts: ['theirs.example'], http: [{ route: [{ destination: { host: 'theirs.example' } }] }] },
};
let lab: Lab;
let before: Listings;

test('a Namespace that was there before is used, and keeps what it had', async () => {
  lab = await labUp({ example: 'primary-remote' });
  await lab.kubectl('cluster-2', 'create', 'namespace', 'production');
  await lab.kubectl('cluster-2', 'label', 'namespace', 'production', 'team=shop');
  before = await listings(lab, CLUSTERS);
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  const labels = await labelsOf('cluster-2');
  assert.is(labels.team, 'shop');
  assert.is(labels['istio-injection'], 'enabled');
  assert.is(labels['meshplan.dev/mesh'], undefined);
});

async function labelsOf(cluster: string): Promise<Record<string, string>> {
  const text = await lab.kubectl(
    cluster,
    'get',
    'namespace',
    'production',
    '-o',
    'jsonpath={.metadata.labels}',
  );
  return JSON.parse(text) as Record<string, string>;
}

test('destroy keeps what holds foreign objects, says so, and removes the rest', async () => {
  await lab.kubectl('cluster-1', '-n', 'production', 'create', 'configmap', 'theirs');
  const path = await lab.write('theirs.json', JSON.stringify(VIRTUAL_SERVICE));
  await lab.kubectl('cluster-1', 'apply', '-f', path);

  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  const holders = [
    ['cluster-1/v1/Namespace/production', 'ConfigMap/theirs'],
    ['CustomResourceDefinition/virtualservices.networking.istio.io', 'default/theirs'],
  ] as const;
  for (const [address, held] of holders) {
    const finding = stderr.split('\n').find((line) => line.includes(address)) ?? stderr;
    assert.match(finding, 'warning holds-foreign-objects');
    assert.match(finding, held);
  }
  await lab.kubectl('cluster-1', '-n', 'production', 'get', 'configmap', 'theirs');
  await lab.kubectl('cluster-1', 'get', 'virtualservice', 'theirs');
  const deployments = await lab.kubectl(
    'cluster-1',
    'get',
    'deployments',
    '-A',
    '--no-headers',
    '-o',
    'name',
  );
  assert.is(deployments.trim(), '');
});

test('the Namespace that was there before survives with its own labels and without ours', async () => {
  assert.equal(await labelsOf('cluster-2'), { 'kubernetes.io/metadata.name': 'production', team: 'shop' });
});

test('once the foreign objects are gone, destroy removes what it had kept', async () => {
  await lab.kubectl('cluster-1', 'delete', 'virtualservice', 'theirs');
  await lab.kubectl('cluster-1', '-n', 'production', 'delete', 'configmap', 'theirs');
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.match((await lab.meshplan('destroy', '-y')).stdout, 'Nothing to remove');
  assertSameListings(await listings(lab, CLUSTERS), before);
});

test('an object of others under a declared name stops apply before it writes', async () => {
  await lab.kubectl('cluster-1', 'create', 'namespace', 'production');
  const ports = ['--tcp=80:9999'];
  await lab.kubectl('cluster-1', '-n', 'production', 'create', 'service', 'clusterip', 'frontend', ...ports);
  const held = await listings(lab, CLUSTERS);
  const { code, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 1, stderr);
  assert.match(stderr, 'field-conflict');
  assert.match(stderr, 'cluster-1/v1/Service/production/frontend');
  assertSameListings(await listings(lab, CLUSTERS), held);
});

test('the lab goes without a trace', () => lab.down());

test.run();
