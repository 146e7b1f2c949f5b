import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import type { Plan } from '../../src/model/plan.js';
import { limitedAccount, rulesWithout } from '../support/account.js';
import { assertSameListings, listings } from '../support/inventory.js';
import { type Lab, labUp } from '../support/lab.js';

let lab: Lab;

const planOf = (text: string) => JSON.parse(text) as Plan;
const withCode = ({ diagnostics }: Plan, code: string): Diagnostic[] =>
  diagnostics.filter((item) => item.code === code);

test('an account that may not read Secrets plans the rest of a new mesh', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const kubeconfig = await limitedAccount(lab, 'cluster-2', 'no-secrets', rulesWithout('secrets'));
  const { code, stdout, stderr } = await lab.meshplan('plan', '-o', 'json', '--kubeconfig', kubeconfig);
  assert.is(code, 4, stderr);
  const plan = planOf(stdout);
  assert.is(plan.complete, false);
  assert.ok(plan.clusters.every((cluster) => cluster.reachable));
  const changes = Object.fromEntries(
    plan.actions.map(({ id, change, reason }) => [id, `${change} ${reason}`]),
  );
  assert.is(changes['cluster-2/trust'], 'unknown forbidden');
  assert.is(changes['cluster-2/reader-token'], 'unknown forbidden');
  assert.is(changes['cluster-1/federate/cluster-2'], 'blocked dependency-blocked');
  assert.is(changes['cluster-1/control-plane'], 'create absent');
  assert.is(changes['cluster-2/namespace/production'], 'create absent');
  const [finding, ...others] = withCode(plan, 'read-forbidden');
  assert.is(others.length, 0);
  for (const word of [
    'cluster-2',
    'User "system:serviceaccount:kube-system:no-secrets"',
    'list',
    '"secrets"',
  ])
    assert.match(finding?.message ?? '', word);
});

test('rights that an apply takes are missed before it touches anything', async () => {
  const reading = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] };
  const rules = [...rulesWithout('secrets'), reading];
  const kubeconfig = await limitedAccount(lab, 'cluster-2', 'no-writes', rules);
  const before = await listings(lab, ['cluster-1', 'cluster-2']);
  const planned = await lab.meshplan('plan', '--verbose', '--kubeconfig', kubeconfig);
  assert.is(planned.code, 0, planned.stderr);
  const finding =
    /permission-missing cluster cluster-2: user system:serviceaccount:kube-system:no-writes may not create, patch secrets in namespace istio-system, which cluster-2\/trust/;
  assert.match(planned.stderr, finding);
  assert.match(planned.stderr, /^warning permission-missing/m);
  const { code, stderr } = await lab.meshplan('apply', '-y', '--kubeconfig', kubeconfig);
  assert.is(code, 1, stderr);
  assert.match(stderr, finding);
  assert.match(stderr, 'Nothing was changed');
  assertSameListings(await listings(lab, ['cluster-1', 'cluster-2']), before);
});

test('the lab goes without a trace', () => lab.down());

test.run();
