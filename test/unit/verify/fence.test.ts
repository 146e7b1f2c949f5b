import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { fence } from '../../../src/verify/checks/fence.js';
import type { VerifyContext } from '../../../src/verify/context.js';
import { clusterOf, fullFacts, meshOf } from '../compile/support.js';

const test = suite('the check of fences');

const lost = clusterOf('one', 'two');
const mesh = {
  ...meshOf([clusterOf('two', 'two'), clusterOf('three', 'two')]),
  fenced: [{ ...lost, since: '2026-01-02T03:04:05.6Z', fencedAt: lost.source }],
};

const secret = (name: string, creationTimestamp: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'istio-system', creationTimestamp },
});

const TOKEN = 'istio-reader-service-account-istio-remote-secret-token';

/** What the check says of clusters with these Secrets (`CLUSTER NAME`), and of three led by `leader`. */
async function verdict(secrets: Record<string, string>, leader = 'two', of: ResolvedMesh = mesh) {
  const facts = fullFacts(mesh);
  const three = facts.clusters.three;
  if (three?.reachable) {
    const annotations = { 'topology.istio.io/controlPlaneClusters': leader };
    const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system', annotations } };
    facts.clusters.three = { ...three, namespaces: new Map([['istio-system', home]]) };
  }
  const read = async (cluster: string, path: string) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const made = secrets[`${cluster} ${name}`];
    return made === undefined ? undefined : secret(name, made);
  };
  const [check, ...others] = fence({ mesh: of, facts, read } as unknown as VerifyContext);
  assert.equal(others, []);
  assert.is(check?.cluster, 'one');
  const { status, evidence } = (await check?.run()) ?? { status: '', evidence: '' };
  return `${status}: ${evidence}`;
}

test('passes where everything was made since, also in the same second', async () => {
  assert.match(await verdict({ [`three ${TOKEN}`]: '2026-01-02T03:04:05Z' }), /^pass: two, three: no token/);
});

test('fails for a token that the fenced cluster may hold', async () => {
  assert.match(
    await verdict({ [`three ${TOKEN}`]: '2026-01-02T03:04:04Z' }),
    /^fail: the token of istiod in three was made at 2026-01-02T03:04:04Z, before/,
  );
});

test('fails for a token of Kiali that the fenced cluster may hold', async () => {
  const monitoring = { ...mesh.monitoring, kiali: { cluster: 'two', namespace: 'kiali' } };
  const withKiali = { ...mesh, monitoring };
  const old = { 'three kiali-remote-access': '2026-01-02T03:04:04Z' };
  assert.match(await verdict(old, 'two', withKiali), /^fail: the token of Kiali in three was made at/);
  assert.match(
    await verdict({}, 'two', withKiali),
    /^pass: two, three: no token of istiod or Kiali is older/,
  );
});

test('fails for a cluster that is led by it', async () =>
  assert.match(await verdict({}, 'one'), 'fail: three is led by one'));

test('fails where a primary reads it', async () => {
  const made = { 'two istio-remote-secret-one': '2026-02-02T03:04:05Z' };
  assert.match(await verdict(made), 'fail: istiod of two reads one by a remote secret');
});

test('is not there without a fence', () => {
  assert.equal(fence({ mesh: { ...mesh, fenced: [] } } as unknown as VerifyContext), []);
});

test.run();
