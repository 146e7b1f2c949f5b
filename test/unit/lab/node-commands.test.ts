import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  apiServerArgs,
  controllerManagerArgs,
  etcdArgs,
  schedulerArgs,
} from '../../../src/lab/cluster/commands.js';
import { dnsObjects } from '../../../src/lab/cluster/dns.js';
import {
  cniConfiguration,
  containerdConfiguration,
  kubeletArgs,
  kubeletConfiguration,
  kubeProxyConfiguration,
  nodeFoldersOf,
} from '../../../src/lab/cluster/node-commands.js';
import { nodeName, nodeNames } from '../../../src/lab/cluster/nodes.js';
import { clusterLayoutOf, layoutOf } from '../../../src/lab/layout.js';
import { MAX_CLUSTERS, planLevel2 } from '../../../src/lab/plan-lab.js';

const lab = layoutOf('/a/lab of "mine"');
const [one, two] = planLevel2([
  { name: 'one', region: 'r1', primary: true },
  { name: 'two', region: 'r2', zone: 'r2-x', primary: false },
]);
if (!one || !two) throw new Error('two clusters were planned');
const layout = clusterLayoutOf(lab, 'one');
const folders = nodeFoldersOf('/run/mp-12345678-c1');
const everything = () =>
  [
    ...etcdArgs(one),
    ...apiServerArgs(one, layout),
    ...controllerManagerArgs(one, layout, folders.volumePlugins),
    ...schedulerArgs(layout),
    ...kubeletArgs(one, layout, folders),
    JSON.stringify(kubeletConfiguration(one, layout, folders)),
    JSON.stringify(kubeProxyConfiguration(one, layout)),
  ].join('\n');

test('clusters share no address', () => {
  const all = planLevel2(
    Array.from({ length: MAX_CLUSTERS[2] }, (_, index) => ({ name: `c${index}`, primary: false })),
  );
  for (const key of ['node', 'podCidr', 'serviceCidr', 'loadBalancers', 'dns'] as const) {
    assert.is(new Set(all.map((cluster) => cluster[key])).size, all.length);
  }
  const ranges = all.flatMap(({ podCidr, serviceCidr }) => [podCidr, serviceCidr]);
  assert.is(new Set(ranges).size, 2 * all.length);
});

test("a node's name is a label's value, whatever the cluster is called", () => {
  assert.is(nodeName({ name: 'one' }), 'one-node-1');
  assert.is(nodeName({ name: 'x'.repeat(63) }).length, 63);
  const name = nodeName({ name: `${'x'.repeat(55)}-${'y'.repeat(7)}` });
  assert.match(name, /^x+-node-1$/);
  assert.equal(nodeNames(one), ['one-node-1']);
});

test('the API server is reached at the address of its node, which verifies it', () => {
  const args = apiServerArgs(one, layout);
  assert.ok(args.includes('--bind-address=172.30.0.1'));
  assert.ok(args.includes('--authorization-mode=Node,RBAC'));
  assert.ok(args.includes(`--kubelet-certificate-authority=${layout.ca}`));
  assert.not.match(everything(), 'insecure');
});

test('a kubelet lets in only whom its API server allows', () => {
  const configuration = kubeletConfiguration(one, layout, folders);
  const { authentication, authorization, readOnlyPort } = configuration as Record<string, unknown>;
  assert.equal(authentication, {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: layout.ca },
  });
  assert.equal(authorization, { mode: 'Webhook' });
  assert.is(readOnlyPort, 0);
});

test('a node has the region and zone of its cluster', () => {
  assert.ok(
    kubeletArgs(one, layout, folders).includes(
      '--node-labels=topology.kubernetes.io/region=r1,topology.kubernetes.io/zone=r1a',
    ),
  );
  assert.match(kubeletArgs(two, layout, folders).join(' '), 'topology.kubernetes.io/zone=r2-x');
});

test('sockets lie where paths are short, and a folder of any name is quoted', () => {
  const host = { cniPlugins: '/usr/lib/cni', pauseImage: 'pause:1' };
  const text = containerdConfiguration(layout, folders, host);
  assert.match(text, 'address = "/run/mp-12345678-c1/containerd.sock"');
  assert.match(text, String.raw`root = "/a/lab of \"mine\"/clusters/one/containerd"`);
  assert.match(text, 'sandbox = "pause:1"');
});

test('pods keep their own addresses on the way to other clusters', () => {
  const { plugins } = cniConfiguration(one, folders, 'mp-12345678-c1') as {
    plugins: [{ ipMasq: boolean; ipam: object }];
  };
  assert.is(plugins[0].ipMasq, false);
  assert.match(JSON.stringify(plugins[0].ipam), one.podCidr);
});

test('DNS answers at the address that kubelets tell pods, and only reads', () => {
  const objects = dnsObjects(two, 'coredns:1');
  const service = objects.find(({ object }) => object.kind === 'Service')?.object as unknown as {
    spec: { clusterIP: string };
  };
  assert.is(service.spec.clusterIP, two.dns);
  const { clusterDNS } = kubeletConfiguration(two, layout, folders) as { clusterDNS: string[] };
  assert.equal(clusterDNS, [two.dns]);
  const role = objects.find(({ object }) => object.kind === 'ClusterRole')?.object as unknown as {
    rules: { verbs: string[] }[];
  };
  assert.ok(role.rules.every(({ verbs }) => verbs.join() === 'list,watch'));
});

test.run();
