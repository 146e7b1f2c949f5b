import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyReport } from '../../src/model/verify.js';
import { ALL_CLUSTERS, lookAtEnvironments } from './environments.js';
import { type Lab, labUp } from './lab.js';
import { assertPlanShape, type PlanJson } from './plan-shape.js';
import { lookAtHa, lookAtRestricted } from './policy-examples.js';
import { ROOT } from './run.js';
import { lookAtTraffic } from './traffic-config.js';

const EXAMPLES = readdirSync(join(ROOT, 'examples'))
  .filter((name) => existsSync(join(ROOT, 'examples', name, 'mesh.yaml')))
  .sort();

/** What is looked at in one example beyond that it works, after its apply. */
const MORE: Record<string, (lab: Lab) => Promise<void>> = {
  environments: lookAtEnvironments,
  ha: lookAtHa,
  restricted: lookAtRestricted,
  traffic: lookAtTraffic,
  'two-remotes': lookAtTwoRemotes,
};

/** Examples that are not one mesh on its own clusters: what the lab is of, and by which flags the first is meant. */
const SETTINGS: Record<string, { clusters: string; flags: string[] }> = {
  environments: { clusters: ALL_CLUSTERS, flags: ['--env', 'staging'] },
};

/**
 * Tests every example that has a mesh file: plan, apply, nothing left to plan, verified, each on clusters of its own.
 * Two labs cannot share a network, so files share the examples among them; `part` is that of one file.
 */
export function testExamples(part: number, parts: number): void {
  for (const name of EXAMPLES.filter((_, index) => index % parts === part)) {
    let lab: Lab;
    test(`${name}: what is planned is applied and verified, and a second plan is empty`, async () => {
      const { clusters, flags = [] } = SETTINGS[name] ?? {};
      lab = await labUp({ example: name, ...(clusters === undefined ? {} : { clusters }) });
      await assertWorks(lab, flags);
    });
    const more = MORE[name];
    if (more) test(`${name}: what it declares is there`, () => more(lab));
    test(`${name}: the lab goes without a trace`, () => lab.down());
  }
}

async function assertWorks(lab: Lab, flags: string[]): Promise<void> {
  const planned = await lab.meshplan('plan', '--detailed-exitcode', '-o', 'json', ...flags);
  assert.is(planned.code, 2, planned.stderr);
  const plan = JSON.parse(planned.stdout) as PlanJson;
  assertPlanShape(plan);
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', ...flags);
  assert.is(code, 0, stdout + stderr);
  const again = await lab.meshplan('plan', '--detailed-exitcode', ...flags);
  assert.is(again.code, 0, again.stdout);
  const verified = await lab.meshplan('verify', '-o', 'json', ...flags);
  assert.is(verified.code, 0, verified.stdout);
  const { checks } = JSON.parse(verified.stdout) as VerifyReport;
  const passed = (id: string) =>
    checks.flatMap((item) => (item.id === id && item.status === 'pass' ? [item.cluster] : []));
  const clusters = plan.clusters.map(({ name }) => name).sort();
  for (const id of ['cluster-synced', 'one-root']) assert.equal(passed(id).sort(), clusters, id);
  // A dedicated primary has no namespace with injection.
  for (const id of ['injection', 'analyze']) assert.ok(passed(id).length > 0, verified.stdout);
}

/** As kubectl and the listings know them: the example's contexts are not named as its clusters. */
const CONTEXTS = ['shop-hub', 'shop-edge-north', 'shop-edge-south'];

async function lookAtTwoRemotes(lab: Lab): Promise<void> {
  const get = ['-n', 'istio-system', 'get'];
  const config = await lab.kubectl('shop-hub', ...get, 'configmap', 'istio', '-o', 'jsonpath={.data.mesh}');
  assert.match(config, 'trustDomain: mesh.shop.example');
  for (const context of ['shop-edge-north', 'shop-edge-south']) {
    const secrets = await lab.kubectl(context, ...get, 'secrets', '-o', 'name');
    assert.not.match(secrets, 'cacerts');
  }
  for (const context of CONTEXTS) {
    assert.equal(await idsOf(lab, context), new Set([context.replace('shop-', '')]), context);
  }
  const replicas = ['get', 'deployment', 'cart-v1', '-n', 'storefront', '-o', 'jsonpath={.spec.replicas}'];
  assert.is(await lab.kubectl('shop-hub', ...replicas), '2');
  assert.is(await lab.kubectl('shop-edge-south', ...replicas), '1');
  const namespaces = async (context: string) =>
    (await lab.kubectl(context, 'get', 'namespaces', '-o', 'name')).includes('namespace/warehouse');
  assert.equal(await Promise.all(CONTEXTS.map(namespaces)), [true, true, false]);
}

/** The cluster ids that the sidecars of a cluster have got. */
async function idsOf(lab: Lab, context: string): Promise<Set<string>> {
  const query = '{.spec.initContainers[*].env[?(@.name=="ISTIO_META_CLUSTER_ID")].value}';
  const path = `jsonpath={range .items[*]}${query}{.spec.containers[*].env[?(@.name=="ISTIO_META_CLUSTER_ID")].value}{"\\n"}{end}`;
  const text = await lab.kubectl(context, '-n', 'storefront', 'get', 'pods', '-o', path);
  return new Set(text.split('\n').filter(Boolean));
}
