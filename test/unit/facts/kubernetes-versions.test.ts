import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kubernetesFindings } from '../../../src/facts/kubernetes-versions.js';
import { clusterOf, meshOf } from '../compile/support.js';

const test = suite('Kubernetes versions before anything is planned');

const cases: [istio: string, kubernetes: string, found: string | undefined][] = [
  ['1.31', 'v1.32.0', undefined],
  ['1.31.2', 'v1.37.2', undefined],
  ['1.31', 'v1.31.14', 'error kubernetes-too-old'],
  ['1.31-dev', 'v1.31.9-gke.100', 'error kubernetes-too-old'],
  ['1.30', 'v1.37.0', 'warning kubernetes-untested'],
  ['1.30', 'v1.36.1-eks-3', undefined],
  ['1.28', 'v1.29.5', 'error kubernetes-too-old'],
  ['1.45', 'v1.31.0', 'error kubernetes-too-old'],
  ['1.45', 'v1.60.0', undefined],
  // What is not known is no reason to stop; verify says that it does not know.
  ['1.12', 'v1.20.0', undefined],
  ['1.31', 'main', undefined],
];
for (const [istio, kubernetes, found] of cases) {
  test(`Istio ${istio} on ${kubernetes}: ${found ?? 'nothing to say'}`, () => {
    const mesh = meshOf([clusterOf('one', 'one')], { istio: { version: istio, meshConfig: {}, values: {} } });
    const one = { reachable: true, version: kubernetes } as never;
    const facts = { clusters: { one }, addresses: {}, cacerts: {}, readerTokens: {} };
    const [finding] = kubernetesFindings(mesh, facts);
    assert.is(finding && `${finding.severity} ${finding.code}`, found);
    if (finding) assert.is(finding.line, 1);
  });
}

test('a cluster that cannot be reached is another matter', () => {
  const one = { reachable: false, server: 's', error: 'e' } as const;
  const facts = { clusters: { one }, addresses: {}, cacerts: {}, readerTokens: {} };
  assert.equal(kubernetesFindings(meshOf([clusterOf('one', 'one')]), facts), []);
});

test.run();
