import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerifyReport } from '../../src/model/verify.js';
import { assertSameListings, type Listings, listings } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';
import { enterNamespace } from './lab-namespace.js';

const ADDRESS = '172.31.9.1';
const CLUSTERS = ['cluster-1', 'cluster-2'];
const unavailable = await enterNamespace(import.meta.url, [ADDRESS]);
let lab: Lab;
let before: Listings;

/** EndpointSlices refuse loopback addresses, so a network namespace is needed that can have another one. */
function whereAnAddressCanBeAdded(name: string, body: () => Promise<void>): void {
  if (!unavailable) return void test(name, body);
  console.log(`skipped: ${name}: ${unavailable}`);
  test.skip(name, body);
}

whereAnAddressCanBeAdded('clusters start whose load balancer answers an IP', async () => {
  lab = await labUp({ example: 'primary-remote', address: `ip=${ADDRESS}` });
  before = await listings(lab, CLUSTERS);
});

whereAnAddressCanBeAdded('the mesh over that IP is applied and verified', async () => {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  const verify = await lab.meshplan('verify', '-o', 'json');
  assert.is(verify.code, 0, verify.stdout);
  const { checks } = JSON.parse(verify.stdout) as VerifyReport;
  const notPassed = checks.filter(({ status }) => status !== 'pass');
  assert.equal(notPassed, []);
  const exposure = checks.filter(({ id }) => id === 'exposure-tls');
  assert.ok(exposure.length > 0 && exposure.every(({ evidence }) => evidence.includes(ADDRESS)));
});

whereAnAddressCanBeAdded('the remote reaches istiod by path and IP, not by a URL', async () => {
  const webhook = await lab.kubectl('cluster-2', 'get', 'mutatingwebhookconfiguration', '-o', 'json');
  assert.match(webhook, '"path": "/inject/cluster/cluster-2/net/network1"');
  assert.not.match(webhook, '"url": "https');
  const path = 'jsonpath={.items[*].endpoints[*].addresses[*]}';
  const slices = ['get', 'endpointslice', '-l', 'kubernetes.io/service-name=istiod', '-o', path];
  assert.is((await lab.kubectl('cluster-2', '-n', 'istio-system', ...slices)).trim(), ADDRESS);
});

whereAnAddressCanBeAdded('nothing is left to do, and destroy leaves nothing', async () => {
  const plan = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(plan.code, 0, plan.stdout);
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  assertSameListings(await listings(lab, CLUSTERS), before);
  await lab.down();
});

test.run();
