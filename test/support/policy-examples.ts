import * as assert from 'uvu/assert';
import type { Lab } from './lab.js';
import { admits, type Caller, type PolicySpec } from './network-policy.js';
import type { PlanJson } from './plan-shape.js';
import { until } from './until.js';

/** kubectl in istio-system of a cluster, its answer read as JSON. */
async function read<T>(lab: Lab, cluster: string, ...what: string[]): Promise<T> {
  return JSON.parse(await lab.kubectl(cluster, '-n', 'istio-system', 'get', ...what, '-o', 'json'));
}

async function assertAvailable(lab: Lab, cluster: string, floor: number, ceiling: number): Promise<void> {
  const { spec } = await read<{ spec: { minReplicas: number; maxReplicas: number } }>(
    lab,
    cluster,
    'hpa',
    'istiod',
  );
  assert.equal([spec.minReplicas, spec.maxReplicas], [floor, ceiling]);
  interface Budget {
    spec: { minAvailable: number };
    status: { disruptionsAllowed: number };
  }
  const budgetOf = () => read<Budget>(lab, cluster, 'pdb', 'istiod');
  const budget = await until('drains end all but the last', budgetOf, ({ status }) => {
    return status.disruptionsAllowed === floor - 1;
  });
  assert.is(budget.spec.minAvailable, 1);
}

/** examples/ha, applied. */
export async function lookAtHa(lab: Lab): Promise<void> {
  await assertAvailable(lab, 'east', 3, 10);
  interface Pods {
    items: { spec: { nodeName: string; topologySpreadConstraints: { topologyKey: string }[] } }[];
  }
  const pods = await read<Pods>(lab, 'east', 'pods', '-l', 'app=istiod');
  assert.equal(
    pods.items[0]?.spec.topologySpreadConstraints.map(({ topologyKey }) => topologyKey),
    ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'],
  );
  assert.is(new Set(pods.items.map(({ spec }) => spec.nodeName)).size, 3, 'each on a node of its own');
}

/** examples/restricted, applied. The lab's network lets everybody through: what a policy means is worked out. */
export async function lookAtRestricted(lab: Lab): Promise<void> {
  await assertAvailable(lab, 'control', 2, 5);
  await assertGuarded(lab);
  await assertBounded(lab);
  await assertPolicyFollowsNodes(lab);
  const overlay = await lab.write(
    'everywhere.yaml',
    '[{ op: replace, path: /spec/workloads/0/clusters, value: all }, { op: replace, path: /spec/namespaces/0/clusters, value: all }]\n',
  );
  const refused = await lab.meshplan('plan', '--overlay', overlay);
  assert.is(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /mesh\.yaml:\d+:\d+ error dedicated-primary .*Deployment ledger/);
}

const ALLOWED = ['10.102.0.0/16', '172.30.0.2/32', '172.30.0.254/32'];

async function assertGuarded(lab: Lab): Promise<void> {
  interface Service {
    spec: { loadBalancerSourceRanges: string[] };
  }
  interface Policy {
    spec: PolicySpec & { podSelector: { matchLabels: Record<string, string> } };
  }
  const service = await read<Service>(lab, 'control', 'service', 'istiod-external');
  assert.equal(service.spec.loadBalancerSourceRanges, ALLOWED);
  const { spec } = await read<Policy>(lab, 'control', 'networkpolicy', 'istiod-external');
  const labels = Object.entries(spec.podSelector.matchLabels).map(([key, value]) => `${key}=${value}`);
  const pods = await lab.kubectl(
    'control',
    '-n',
    'istio-system',
    'get',
    'pods',
    '-l',
    labels.join(),
    '-o',
    'name',
  );
  assert.is(pods.trim().split('\n').length, 2, 'it means the pods of istiod');
  const nodes = await lab.kubectl(
    'control',
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}',
  );
  const callers: [Caller, number[]][] = [
    ...new Set(nodes.split(' ')),
    '10.102.3.4',
    '172.30.0.2',
    '172.30.0.254',
  ].map((address) => [address, [15012, 15017]]);
  // API servers of the lab have a loopback address, which no EndpointSlice may hold, so webhooks are open.
  for (const [caller, ports] of [
    ...callers,
    ['pod', [15012, 15014, 15017]],
    ['203.0.113.5', [15017]],
  ] as const) {
    const open = [8080, 15010, 15012, 15014, 15017].filter((port) => admits(spec, caller, port));
    assert.equal(open, ports, caller);
  }
}

/** What of the quota, and istiod under it. */
async function assertBounded(lab: Lab): Promise<void> {
  const run = (...args: string[]) =>
    lab.run(
      'kubectl',
      '--context',
      'control',
      '-n',
      'istio-system',
      'run',
      'x',
      '--image=x',
      '--dry-run=server',
      ...args,
    );
  const plain = await run('-o', 'jsonpath={.spec.containers[0].resources.requests}');
  assert.is(plain.stdout, '{"cpu":"50m","memory":"64Mi"}', plain.stderr);
  const greedy = await run(
    '--overrides={"spec":{"containers":[{"name":"x","image":"x","resources":{"requests":{"cpu":"5"}}}]}}',
  );
  assert.match(greedy.stderr, 'exceeded quota: istio-system');
  const rollout = ['-n', 'istio-system', 'rollout'];
  await lab.kubectl('control', ...rollout, 'restart', 'deployment', 'istiod');
  await lab.kubectl('control', ...rollout, 'status', 'deployment', 'istiod', '--timeout=60s');
}

/** A node in another subnet has to be let through, and is taken out again when it goes. */
async function assertPolicyFollowsNodes(lab: Lab): Promise<void> {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'other' },
    spec: { podCIDR: '10.77.3.0/24', podCIDRs: ['10.77.3.0/24'] },
  };
  const file = await lab.write('node.json', JSON.stringify(node));
  await lab.kubectl('control', 'create', '-f', file);
  const { code, stdout } = await lab.meshplan('plan', '--detailed-exitcode', '-o', 'json');
  assert.is(code, 2);
  const changed = (JSON.parse(stdout) as PlanJson).actions
    .flatMap(({ objects }) => objects)
    .filter(({ change }) => change !== 'noop');
  assert.equal(
    changed.map(({ address }) => address),
    ['control/networking.k8s.io/v1/NetworkPolicy/istio-system/istiod-external'],
  );
  assert.match(JSON.stringify(changed), '10.77.0.0/16');
  await lab.kubectl('control', 'delete', 'node', 'other');
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
}
