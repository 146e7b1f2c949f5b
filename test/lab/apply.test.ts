import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyReport } from '../../src/model/verify.js';
import { assertSameListings, type Listings, listings } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';
import { assertPlanShape, type PlanJson } from '../support/plan-shape.js';
import { LEGACY, manifest, namespaceOf, SMALL } from './rollout-manifests.js';

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

let declared = '';

test('rollouts that do not come, each with its reason and what to do; pods older than injection', async () => {
  declared = await readFile(join(lab.folder, 'mesh.yaml'), 'utf8');
  const files: Record<string, string> = {
    small: SMALL,
    quota: manifest('quota', 'small'),
    range: manifest('range', 'small', { resources: { limits: { memory: '2Gi' } } }),
    strict: `${namespaceOf('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' })}\n---\n${manifest('strict', 'strict')}`,
    big: manifest('big', 'production', { resources: { requests: { cpu: '5k' } } }),
    job: manifest('job', 'production', {}, { activeDeadlineSeconds: 2 }),
    legacy: LEGACY,
  };
  for (const [name, text] of Object.entries(files)) await lab.write(join('apps', `${name}.yaml`), text);
  await lab.kubectl('cluster-1', 'create', 'namespace', 'legacy');
  await lab.kubectl('cluster-1', 'apply', '-f', join(lab.folder, 'apps', 'legacy.yaml'));
  await lab.kubectl('cluster-1', '-n', 'legacy', 'rollout', 'status', 'daemonset/old', '--timeout=30s');
  const entries = Object.keys(files).map(
    (name) =>
      `    - { manifests: apps/${name}.yaml, clusters: [cluster-1], restart: ${name === 'legacy'} }\n`,
  );
  const namespace = '    - { name: legacy, injection: true, clusters: [cluster-1] }\n';
  const mesh = declared
    .replace('  namespaces:\n', `  namespaces:\n${namespace}`)
    .replace('  workloads:\n', `  workloads:\n${entries.join('')}`);
  await lab.write('mesh.yaml', mesh);

  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '--adopt', '--timeout', '12s');
  assert.is(code, 1, stdout + stderr);
  for (const [pattern, hint] of [
    [
      /quota: Deployment small\/quota in cluster-1 .* \(pods are refused: exceeded quota: none, .*\)/,
      'ResourceQuota',
    ],
    [
      /range: DaemonSet small\/range in .* \(pods are refused: maximum memory usage per Container is 1Gi/,
      'LimitRange',
    ],
    [/strict: Deployment strict\/strict in .* \(pods are refused: violates PodSecurity/, 'securityContext'],
    [/big: StatefulSet production\/big in .* \(pod big-0: Unschedulable: .* Insufficient cpu\.\)/, 'no room'],
    [/job: Job production\/job in cluster-1: failed for good \(DeadlineExceeded: /, 'delete the Job'],
  ] as const) {
    const end = stderr.split(/^(?=cluster-1\/workload\/)/m).findLast((part) => pattern.test(part));
    assert.match(end ?? stderr, pattern);
    assert.match(end ?? '', new RegExp(`\n  hint: .*${hint}`));
  }
  assert.match(stderr, /apps-job: FAILED in [0-6]\.\d s/, 'a Job that failed ends the wait at once');
});

test('those in a namespace with injection are restarted by the same apply; the next plan is empty', async () => {
  const pods = JSON.parse(await lab.kubectl('cluster-1', '-n', 'legacy', 'get', 'pods', '-o', 'json')) as {
    items: (Pod & { metadata: { deletionTimestamp?: string } })[];
  };
  const running = pods.items.filter(({ metadata }) => !metadata.deletionTimestamp);
  assert.ok(running.length >= 3);
  for (const { metadata, spec } of running)
    assert.ok(
      [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === 'istio-proxy'),
      metadata.name,
    );
  const again = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(again.code, 0, again.stdout + again.stderr);
  assert.not.match(again.stderr, 'pods-without-sidecar');
  assert.is((await lab.meshplan('drift')).code, 0, 'a restart is nothing that others did');
});

test('without permission, plan names pods without a sidecar, and restarts none', async () => {
  const file = join(lab.folder, 'mesh.yaml');
  await lab.write('mesh.yaml', (await readFile(file, 'utf8')).replace('restart: true', 'restart: false'));
  const inject = ['-n', 'legacy', 'patch', 'deployment', 'old', '--type=merge', '-p'];
  const labelled = (value: string | null) =>
    JSON.stringify({ spec: { template: { metadata: { labels: { 'sidecar.istio.io/inject': value } } } } });
  // Somebody's rollout without sidecars, and the label taken back without one.
  await lab.kubectl('cluster-1', ...inject, labelled('false'));
  await lab.kubectl('cluster-1', '-n', 'legacy', 'rollout', 'status', 'deployment/old', '--timeout=30s');
  await lab.kubectl('cluster-1', '-n', 'legacy', 'rollout', 'pause', 'deployment', 'old');
  await lab.kubectl('cluster-1', ...inject, labelled(null));
  const { code, stderr } = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(code, 0, stderr);
  assert.match(
    stderr,
    /^mesh\.yaml:\d+:\d+ warning pods-without-sidecar cluster-1\/apps\/v1\/Deployment\/legacy\/old: 1 of 1 pod is without a sidecar.*it is paused$/m,
  );
});

test('what is no longer declared goes; the namespace of before stays', async () => {
  await lab.write('mesh.yaml', declared);
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  await lab.kubectl('cluster-1', 'delete', 'namespace', 'legacy');
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
