import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyReport } from '../../src/model/verify.js';
import { assertSameListings, type Listings, listings } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';
import { assertPlanShape, type PlanJson } from '../support/plan-shape.js';

const CLUSTERS = ['cluster-1', 'cluster-2'];
let lab: Lab;
let before: Listings;

test('two real clusters start from the example', async () => {
  lab = await labUp({ example: 'primary-remote' });
  before = await listings(lab, CLUSTERS);
});

test('plan says what there is to do, with exit code 2', async () => {
  const text = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(text.code, 2, text.stderr);
  assert.match(text.stdout, /Plan: \d+ to create, 0 to update/);
  assert.match(text.stdout, '(known after apply: load balancer of cluster-1)');
  const json = await lab.meshplan('plan', '-o', 'json');
  assert.is(json.code, 0, json.stderr);
  const plan = JSON.parse(json.stdout) as PlanJson;
  assertPlanShape(plan);
  assert.ok(plan.complete);
  assert.ok(plan.summary.create > 50);
});

test('apply off a terminal without -y exits 3; like plan, it touches nothing', async () => {
  const { code, stderr } = await lab.meshplan('apply');
  assert.is(code, 3);
  assert.match(stderr, 'approval-needed');
  assertSameListings(await listings(lab, CLUSTERS), before);
});

test('apply -y makes the mesh', async () => {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'The mesh works.');
});

test('after it, plan --detailed-exitcode is 0 and says that nothing changes', async () => {
  const { code, stdout, stderr } = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, 'No changes.');
  const drift = await lab.meshplan('drift');
  assert.is(drift.code, 0, drift.stdout);
});

test('a second apply changes nothing and says so', async () => {
  const versions = () => Promise.all(CLUSTERS.map((name) => resourceVersions(name)));
  const old = await versions();
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stderr);
  assert.match(stdout, 'No changes.');
  assert.equal(await versions(), old);
});

/** What changes whenever an object is written; only of objects that no controller writes by itself. */
const resourceVersions = (cluster: string) =>
  lab.kubectl(
    cluster,
    'get',
    'crd,clusterrole,configmap,secret,serviceaccount,namespace,mutatingwebhookconfiguration,virtualservice,destinationrule',
    ...['-A', '-l', 'meshplan.dev/mesh=mesh1'],
    ...['-o', 'custom-columns=N:.metadata.name,V:.metadata.resourceVersion', '--no-headers'],
  );

test('verify passes every check, each with its evidence', async () => {
  const text = await lab.meshplan('verify');
  assert.is(text.code, 0, text.stdout);
  const json = await lab.meshplan('verify', '-o', 'json');
  assert.is(json.code, 0);
  const report = JSON.parse(json.stdout) as VerifyReport;
  assert.ok(report.ok);
  assert.equal(
    report.checks.filter((check) => check.status !== 'pass' || check.evidence === ''),
    [],
  );
  const ids = new Set(report.checks.map((check) => check.id));
  for (const id of [
    'cluster-synced',
    'one-root',
    'exposure-tls',
    'remote-secret',
    'injection',
    'versions-agree',
  ])
    assert.ok(ids.has(id), id);
});

interface Pod {
  metadata: { name: string; creationTimestamp: string };
  spec: { containers: Container[]; initContainers?: Container[] };
}
interface Container {
  name: string;
  env?: { name: string; value?: string }[];
}

test('pods of both clusters were created with istio-proxy and the id of their own cluster', async () => {
  for (const [cluster, app, count] of [
    ['cluster-1', 'frontend', 2],
    ['cluster-2', 'backend', 3],
  ] as const) {
    const text = await lab.kubectl(
      cluster,
      '-n',
      'production',
      'get',
      'pods',
      '-l',
      `app=${app}`,
      '-o',
      'json',
    );
    const pods = (JSON.parse(text) as { items: Pod[] }).items;
    assert.is(pods.length, count, cluster);
    for (const { metadata, spec } of pods) {
      const proxy = [...spec.containers, ...(spec.initContainers ?? [])].find(
        ({ name }) => name === 'istio-proxy',
      );
      const idOf = proxy?.env?.find(({ name }) => name === 'ISTIO_META_CLUSTER_ID')?.value;
      assert.is(idOf, cluster, metadata.name);
    }
  }
});

test('destroy -y removes it all, and a second says that there is nothing to remove', async () => {
  const planned = await lab.meshplan('plan', '--destroy', '--detailed-exitcode');
  assert.is(planned.code, 2, planned.stderr);
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  const again = await lab.meshplan('destroy', '-y');
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stdout, 'Nothing to remove');
});

test('both clusters hold exactly what they held before, CRDs included', async () => {
  assertSameListings(await listings(lab, CLUSTERS), before);
});

test('the lab goes without a trace', () => lab.down());

test.run();
