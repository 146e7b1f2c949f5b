import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LEVEL_1 } from '../../../src/lab/binaries/families.js';
import type { Family } from '../../../src/lab/binaries/types.js';

const PINNED_BY: Record<string, { module: string; version: (family: Family) => RegExp }> = {
  etcd: { module: 'go.etcd.io/etcd/server/v3', version: (family) => exactly(`v${family.version}`) },
  kubernetes: { module: 'k8s.io/kubernetes', version: (family) => exactly(`v${family.version}`) },
  istio: {
    module: 'istio.io/istio',
    version: (family) => new RegExp(`-${family.version.split('-').at(-1)}$`),
  },
  kwok: { module: 'sigs.k8s.io/kwok', version: (family) => exactly(`v${family.version}`) },
};

for (const family of LEVEL_1) {
  test(`${family.name}: the version is the one that go.mod pins`, () => {
    const text = readFileSync(`src/lab/modules/${family.build.module}/go.mod`, 'utf8');
    const pin = PINNED_BY[family.name];
    assert.ok(pin, 'this test knows the module');
    const line = text.split('\n').find((item) => item.trim().startsWith(`${pin.module} `));
    assert.ok(line, `go.mod requires ${pin.module}`);
    assert.match(line.trim().split(/\s+/)[1] ?? '', pin.version(family));
  });

  test(`${family.name}: go.mod names each package as a tool, so that go.sum covers it`, () => {
    const text = readFileSync(`src/lab/modules/${family.build.module}/go.mod`, 'utf8');
    for (const binary of family.binaries)
      assert.match(text, new RegExp(`(^tool |^\\t)${binary.package}$`, 'm'));
  });

  test(`${family.name}: pinned checksums are SHA-256 in lower-case hex`, () => {
    for (const { release } of family.binaries) {
      for (const sum of Object.values(release?.sha256 ?? {})) assert.match(sum, /^[0-9a-f]{64}$/);
    }
  });
}

test('every binary is in one family only', () => {
  const names = LEVEL_1.flatMap((family) => family.binaries.map(({ name }) => name));
  assert.equal(names.toSorted(), [
    'etcd',
    'istioctl',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubectl',
    'kwok',
    'pilot-discovery',
  ]);
});

const OUTPUTS: [binary: string, output: string, version: string][] = [
  ['etcd', 'etcd Version: 3.6.16\nGit SHA: Not provided', '3.6.16'],
  ['kube-apiserver', 'Kubernetes v1.37.2', '1.37.2'],
  ['kube-scheduler', 'Kubernetes v1.37.2-rc.0', '1.37.2-rc.0'],
  ['kubectl', 'Client Version: v1.37.2\nKustomize Version: v5.8.1', '1.37.2'],
  ['istioctl', 'client version: 1.31-dev', '1.31-dev'],
  ['pilot-discovery', 'client version: 1.31.2', '1.31.2'],
  ['kwok', 'kwok version v0.8.0 go1.26.8 (linux/amd64)', '0.8.0'],
];
for (const [name, output, version] of OUTPUTS) {
  test(`${name}: "${output.split('\n')[0]}" is read as ${version}`, () => {
    const binary = LEVEL_1.flatMap(({ binaries }) => [...binaries]).find((item) => item.name === name);
    assert.is(binary?.versionOutput.exec(output)?.[1], version);
  });
}

function exactly(version: string): RegExp {
  return new RegExp(`^${version.replaceAll('.', '\\.')}$`);
}

test.run();
