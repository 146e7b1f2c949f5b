import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namesOf } from '../../../src/lab/binaries/executables.js';
import { prometheus } from '../../../src/lab/binaries/families.js';
import { LEVELS } from '../../../src/lab/binaries/levels.js';
import type { Family } from '../../../src/lab/binaries/types.js';

const PINNED_BY: Record<string, { module: string; version: (family: Family) => RegExp }> = {
  etcd: { module: 'go.etcd.io/etcd/server/v3', version: (family) => exactly(`v${family.version}`) },
  kubernetes: { module: 'k8s.io/kubernetes', version: (family) => exactly(`v${family.version}`) },
  istio: { module: 'istio.io/istio', version: commitOf },
  kwok: { module: 'sigs.k8s.io/kwok', version: (family) => exactly(`v${family.version}`) },
  'kubernetes-node': { module: 'k8s.io/kubernetes', version: (family) => exactly(`v${family.version}`) },
  'istio-proxy': { module: 'istio.io/istio', version: commitOf },
  containerd: {
    module: 'github.com/containerd/containerd/v2',
    version: (family) => exactly(`v${family.version}`),
  },
  coredns: { module: 'github.com/coredns/coredns', version: (family) => exactly(`v${family.version}`) },
  prometheus: { module: 'github.com/prometheus/prometheus', version: moduleOf3 },
};
/** Has a version of its own, which Kubernetes keeps in a file beside the source. */
const OF_KUBERNETES = 'agnhost';
/** Its source lies in the folder of its go.mod. */
const OWN = 'pause';

const FAMILIES = [...new Set([...LEVELS[1], ...LEVELS[2], prometheus])];

for (const family of FAMILIES) {
  const { build } = family;
  if ('unavailable' in build) continue;
  const text = readFileSync(`src/lab/modules/${build.module}/go.mod`, 'utf8');

  if (family.name !== OF_KUBERNETES && family.name !== OWN) {
    test(`${family.name}: the version is the one that go.mod pins`, () => {
      const pin = PINNED_BY[family.name];
      assert.ok(pin, 'this test knows the module');
      const line = text.split('\n').find((item) =>
        item
          .replace(/^require /, '')
          .trim()
          .startsWith(`${pin.module} `),
      );
      assert.ok(line, `go.mod requires ${pin.module}`);
      assert.match(
        line
          .replace(/^require /, '')
          .trim()
          .split(/\s+/)[1] ?? '',
        pin.version(family),
      );
    });
  }

  test(`${family.name}: go.mod names each package as a tool, so that go.sum covers it`, () => {
    for (const binary of family.binaries) {
      // A package of the module itself is covered by what it imports.
      if (binary.package !== '.') assert.match(text, new RegExp(`(^tool |^\\t)${binary.package}$`, 'm'));
    }
  });

  test(`${family.name}: files come from a module that go.mod requires`, () => {
    for (const { module } of family.files ?? []) assert.match(text, new RegExp(`^\\t${module} v`, 'm'));
  });
}

for (const family of FAMILIES) {
  test(`${family.name}: pinned checksums are SHA-256 in lower-case hex`, () => {
    const wheels = 'wheel' in family.download ? [family.download.wheel] : [];
    for (const pinned of [...family.binaries.map(({ release }) => release), ...wheels]) {
      for (const sum of Object.values(pinned?.sha256 ?? {})) assert.match(sum, /^[0-9a-f]{64}$/);
    }
  });

  test(`${family.name}: what can neither be downloaded nor built says why`, () => {
    const reasons = [family.download, family.build].flatMap((way) => ('unavailable' in way ? [way] : []));
    assert.ok(reasons.length < 2, 'there is a way to get it');
    for (const { unavailable } of reasons) assert.match(unavailable, /^\S.+/);
  });
}

for (const [levels, family] of FAMILIES.map((item) => [levelsOf(item), item] as const)) {
  test(`${family.name}: docs/lab.md has a row with its level, its files and its version`, () => {
    const rows = readFileSync('docs/lab.md', 'utf8')
      .split('\n')
      .filter((row) => row.startsWith('| '))
      .map((row) => row.split('|').map((cell) => cell.trim()));
    const names = namesOf(family);
    const row = rows.find(([, , files = '']) =>
      names.every((name) => files.split(/[^\w.-]+/).includes(name)),
    );
    assert.is(row?.[1], levels);
    // Istio's is told as `1.31-dev, commit eed52ebb66ad`.
    const version = row?.[3]?.replace(', commit ', '-') ?? '';
    assert.ok(version === family.version || version.startsWith(`${family.version}, `), version);
  });
}

function levelsOf(family: Family): string {
  const levels = ([1, 2] as const).filter((level) => LEVELS[level].includes(family));
  return levels.length === 2 ? 'both' : levels.join() || 'neither';
}

test("the pause container's version is the one that its source names", () => {
  const family = LEVELS[2].find(({ name }) => name === OWN);
  const source = readFileSync('src/lab/modules/pause/main.go', 'utf8');
  assert.match(source, `const version = "${family?.version}"`);
});

const LEVEL_1_NAMES = [
  'etcd',
  'istioctl',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'pilot-discovery',
];
const NODE_NAMES = [
  'agnhost',
  'containerd',
  'containerd-shim-runc-v2',
  'coredns',
  'ctr',
  'envoy',
  'envoy_bootstrap.json',
  'kube-proxy',
  'kubelet',
  'pause',
  'pilot-agent',
];

for (const [level, expected] of [
  [1, LEVEL_1_NAMES],
  [2, [...LEVEL_1_NAMES.filter((name) => name !== 'kwok'), ...NODE_NAMES]],
] as const) {
  test(`level ${level}: every file is in one family only`, () => {
    assert.equal(LEVELS[level].flatMap(namesOf).toSorted(), expected.toSorted());
  });
}

test('the control planes of both levels are the same families, so that they share the cache', () => {
  const shared = LEVELS[1].filter((family) => LEVELS[2].includes(family));
  assert.equal(
    shared.map(({ name }) => name),
    ['etcd', 'kubernetes', 'istio'],
  );
});

const OUTPUTS: [binary: string, output: string, version: string][] = [
  ['etcd', 'etcd Version: 3.6.16\nGit SHA: Not provided', '3.6.16'],
  ['kube-apiserver', 'Kubernetes v1.37.2', '1.37.2'],
  ['kube-scheduler', 'Kubernetes v1.37.2-rc.0', '1.37.2-rc.0'],
  ['kubectl', 'Client Version: v1.37.2\nKustomize Version: v5.8.1', '1.37.2'],
  ['istioctl', 'client version: 1.31-dev', '1.31-dev'],
  ['pilot-discovery', 'client version: 1.31.2', '1.31.2'],
  ['kwok', 'kwok version v0.8.0 go1.26.8 (linux/amd64)', '0.8.0'],
  ['kubelet', 'Kubernetes v1.37.2', '1.37.2'],
  ['containerd', 'containerd github.com/containerd/containerd/v2 2.4.2 ', '2.4.2'],
  ['containerd', 'containerd github.com/containerd/containerd/v2 v2.4.2 abc', '2.4.2'],
  ['containerd-shim-runc-v2', 'containerd-shim-runc-v2:\n  Version:  2.4.2\n  Revision: ', '2.4.2'],
  ['ctr', 'ctr github.com/containerd/containerd/v2 2.4.2', '2.4.2'],
  ['coredns', 'CoreDNS-1.15.0\nlinux/amd64, go1.26.8, ', '1.15.0'],
  ['agnhost', 'app version 2.66.1', '2.66.1'],
  ['pilot-agent', 'client version: 1.31-dev', '1.31-dev'],
  ['pause', 'pause version 1.0.0', '1.0.0'],
  ['prometheus', 'prometheus, version 3.16.0 (branch: , revision: unknown)', '3.16.0'],
  ['promtool', 'promtool, version 3.16.0 (branch: HEAD, revision: 0123)', '3.16.0'],
  ['envoy', '\nenvoy  version: 9e5580933739/1.40.0/Clean/RELEASE/BoringSSL', '1.40.0'],
];
for (const [name, output, version] of OUTPUTS) {
  test(`${name}: "${output.split('\n')[0]}" is read as ${version}`, () => {
    const binary = FAMILIES.flatMap(({ binaries }) => [...binaries]).find((item) => item.name === name);
    assert.is(binary?.versionOutput.exec(output)?.[1], version);
  });
}

function commitOf({ version }: Family): RegExp {
  return new RegExp(`-${version.split('-').at(-1)}$`);
}

/** The Go module of Prometheus 3.16.0 is v0.316.0. */
function moduleOf3({ version }: Family): RegExp {
  const [major = '', minor = '', patch = ''] = version.split('.');
  return exactly(`v0.${major}${minor.padStart(2, '0')}.${patch}`);
}

function exactly(version: string): RegExp {
  return new RegExp(`^${version.replaceAll('.', '\\.')}$`);
}

test.run();
