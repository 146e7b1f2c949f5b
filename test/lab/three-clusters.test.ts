import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyReport } from '../../src/model/verify.js';
import { assertSameListings, type Listings, listings } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';
import { assertPlanShape, type PlanJson } from '../support/plan-shape.js';

/** As kubectl and the listings know them: the example's contexts are not named as its clusters. */
const CONTEXTS = ['shop-hub', 'shop-edge-north', 'shop-edge-south'];
let lab: Lab;
let before: Listings;

test('three clusters start, one primary and two remotes', async () => {
  lab = await labUp({ example: 'three-clusters' });
  before = await listings(lab, CONTEXTS);
});

test('the plan covers all three', async () => {
  const { code, stdout, stderr } = await lab.meshplan('plan', '--detailed-exitcode', '-o', 'json');
  assert.is(code, 2, stderr);
  const plan = JSON.parse(stdout) as PlanJson;
  assertPlanShape(plan);
  assert.is(plan.mesh, 'shop');
  assert.equal(plan.clusters.map(({ name }) => name).sort(), ['edge-north', 'edge-south', 'hub']);
  const ids = plan.actions.map(({ id }) => id);
  for (const id of ['hub/control-plane', 'edge-north/data-plane', 'edge-south/data-plane']) {
    assert.ok(ids.includes(id), id);
  }
  for (const id of ['hub/federate/edge-north', 'hub/federate/edge-south']) assert.ok(ids.includes(id), id);
});

test('apply makes one mesh of them, verified', async () => {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  const again = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(again.code, 0, again.stdout);
  const verify = await lab.meshplan('verify', '-o', 'json');
  assert.is(verify.code, 0, verify.stdout);
  const { checks } = JSON.parse(verify.stdout) as VerifyReport;
  for (const id of ['cluster-synced', 'injection']) {
    const passed = checks.filter((check) => check.id === id && check.status === 'pass');
    assert.equal(passed.map(({ cluster }) => cluster).sort(), ['edge-north', 'edge-south', 'hub'], id);
  }
});

test('the trust domain is the declared one, and no remote holds a CA key', async () => {
  const get = ['-n', 'istio-system', 'get'];
  const config = await lab.kubectl('shop-hub', ...get, 'configmap', 'istio', '-o', 'jsonpath={.data.mesh}');
  assert.match(config, 'trustDomain: mesh.shop.example');
  for (const context of ['shop-edge-north', 'shop-edge-south']) {
    const secrets = await lab.kubectl(context, ...get, 'secrets', '-o', 'name');
    assert.not.match(secrets, 'cacerts');
  }
});

test('pods of each cluster carry its own id', async () => {
  const query = '{.spec.initContainers[*].env[?(@.name=="ISTIO_META_CLUSTER_ID")].value}';
  const path = `jsonpath={range .items[*]}${query}{.spec.containers[*].env[?(@.name=="ISTIO_META_CLUSTER_ID")].value}{"\\n"}{end}`;
  for (const context of CONTEXTS) {
    const text = await lab.kubectl(context, '-n', 'storefront', 'get', 'pods', '-o', path);
    const ids = text.split('\n').filter(Boolean);
    assert.ok(ids.length > 0, context);
    assert.equal(new Set(ids), new Set([context.replace('shop-', '')]), context);
  }
});

test('destroy leaves all three as they were', async () => {
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  assertSameListings(await listings(lab, CONTEXTS), before);
});

test('the lab goes without a trace', () => lab.down());

test.run();
