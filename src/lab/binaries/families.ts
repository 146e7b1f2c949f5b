import type { Binary, BinaryName, Family, PrometheusBinary } from './types.js';
import { ETCD, ISTIO, ISTIO_COMMIT, KUBERNETES, KWOK, PROMETHEUS } from './versions.js';

// To let a platform download, add the SHA-256 that the project publishes beside its release file
// (FILE.sha256 for Kubernetes, SHA256SUMS for etcd). A digest that nobody checked is worse than none:
// without one the lab says "no pinned checksum" and builds from source.
export const GITHUB = 'https://github.com';
export const STRIP = '-s -w';

// Without these the programs report v0.0.0, which clients and charts that ask for a minimum refuse.
export const KUBERNETES_LDFLAGS = [
  STRIP,
  `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES}`,
  '-X k8s.io/component-base/version.gitMajor=1',
  '-X k8s.io/component-base/version.gitMinor=37',
].join(' ');
export const ISTIO_LDFLAGS = `${STRIP} -X istio.io/istio/pkg/version.buildVersion=${ISTIO}`;

export const etcd: Family = {
  name: 'etcd',
  version: ETCD,
  accepts: { exact: ETCD },
  binaries: [
    binary('etcd', {
      package: 'go.etcd.io/etcd/server/v3',
      versionArgs: ['--version'],
      versionOutput: /etcd Version: (\S+)/,
      release: {
        path: `etcd-io/etcd/releases/download/v${ETCD}/etcd-v${ETCD}-{os}-{arch}.tar.gz`,
        member: `etcd-v${ETCD}-{os}-{arch}/etcd`,
        sha256: {},
      },
    }),
  ],
  download: { origin: GITHUB },
  build: { module: 'etcd', ldflags: STRIP },
};

export const kubernetes: Family = {
  name: 'kubernetes',
  version: KUBERNETES,
  accepts: { exact: KUBERNETES },
  binaries: [
    kubernetesBinary('kube-apiserver'),
    kubernetesBinary('kube-controller-manager'),
    kubernetesBinary('kube-scheduler'),
    {
      ...kubernetesBinary('kubectl'),
      versionArgs: ['version', '--client'],
      versionOutput: /Client Version: v(\S+)/,
    },
  ],
  download: { origin: 'https://dl.k8s.io' },
  build: { module: 'kubernetes', ldflags: KUBERNETES_LDFLAGS },
};

export const istio: Family = {
  name: 'istio',
  version: `${ISTIO}-${ISTIO_COMMIT}`,
  accepts: { minor: '1.31' },
  binaries: [
    binary('istioctl', {
      package: 'istio.io/istio/istioctl/cmd/istioctl',
      versionArgs: ['version', '--remote=false'],
      versionOutput: /client version: (\S+)/,
    }),
    binary('pilot-discovery', {
      package: 'istio.io/istio/pilot/cmd/pilot-discovery',
      versionArgs: ['version', '--short'],
      versionOutput: /client version: (\S+)/,
    }),
  ],
  download: {
    unavailable: `Istio ${ISTIO} at commit ${ISTIO_COMMIT} is no published release, and Istio publishes pilot-discovery only inside a container image`,
  },
  build: { module: 'istio', ldflags: ISTIO_LDFLAGS },
};

export const kwok: Family = {
  name: 'kwok',
  version: KWOK,
  accepts: { exact: KWOK },
  binaries: [
    binary('kwok', {
      package: 'sigs.k8s.io/kwok/cmd/kwok',
      versionArgs: ['--version'],
      versionOutput: /kwok version v?(\S+)/,
      release: {
        path: `kubernetes-sigs/kwok/releases/download/v${KWOK}/kwok-{os}-{arch}`,
        sha256: {},
      },
    }),
  ],
  download: { origin: GITHUB },
  build: { module: 'kwok', ldflags: STRIP },
};

/** Belongs to no level: the tests watch a lab's mesh with it. */
export const prometheus: Family = {
  name: 'prometheus',
  version: PROMETHEUS,
  accepts: { exact: PROMETHEUS },
  binaries: [prometheusBinary('prometheus'), prometheusBinary('promtool')],
  download: { origin: GITHUB },
  build: {
    module: 'prometheus',
    ldflags: `${STRIP} -X github.com/prometheus/common/version.Version=${PROMETHEUS}`,
    // Of the ways to discover targets only Kubernetes': the clouds' are half of the build.
    tags: ['remove_all_sd', 'enable_kubernetes_sd'],
  },
};

export function binary(name: BinaryName, rest: Omit<Binary, 'name'>): Binary {
  return { name, ...rest };
}

export function kubernetesBinary(name: BinaryName): Binary {
  return binary(name, {
    package: `k8s.io/kubernetes/cmd/${name}`,
    versionArgs: ['--version'],
    versionOutput: /Kubernetes v(\S+)/,
    release: { path: `v${KUBERNETES}/bin/{os}/{arch}/${name}`, sha256: {} },
  });
}

function prometheusBinary(name: PrometheusBinary): Binary {
  const folder = `prometheus-${PROMETHEUS}.{os}-{arch}`;
  return binary(name, {
    package: `github.com/prometheus/prometheus/cmd/${name}`,
    versionArgs: ['--version'],
    versionOutput: /^\w+, version (\S+)/,
    release: {
      path: `prometheus/prometheus/releases/download/v${PROMETHEUS}/${folder}.tar.gz`,
      member: `${folder}/${name}`,
      sha256: {},
    },
  });
}
