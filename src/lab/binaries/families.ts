import type { Binary, BinaryName, Family } from './types.js';

// The versions here and those in src/lab/modules/*/go.mod belong together; a unit test compares them.
//
// To let a platform download, add the SHA-256 that the project publishes beside its release file
// (FILE.sha256 for Kubernetes, SHA256SUMS for etcd). A digest that nobody checked is worse than none:
// without one the lab says "no pinned checksum" and builds from source.
const ETCD = '3.6.16';
const KUBERNETES = '1.37.2';
const ISTIO = '1.31-dev';
const ISTIO_COMMIT = 'eed52ebb66ad';
const KWOK = '0.8.0';

const GITHUB = 'https://github.com';
const STRIP = '-s -w';

const etcd: Family = {
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

const kubernetes: Family = {
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
  build: {
    module: 'kubernetes',
    // Without these the servers report v0.0.0, which clients and charts that ask for a minimum refuse.
    ldflags: [
      STRIP,
      `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES}`,
      '-X k8s.io/component-base/version.gitMajor=1',
      '-X k8s.io/component-base/version.gitMinor=37',
    ].join(' '),
  },
};

const istio: Family = {
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
  build: { module: 'istio', ldflags: `${STRIP} -X istio.io/istio/pkg/version.buildVersion=${ISTIO}` },
};

const kwok: Family = {
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

/** What a lab of real control planes without nodes needs. Cheap builds come first, so that a fault shows early. */
export const LEVEL_1: readonly Family[] = [etcd, kwok, kubernetes, istio];

function binary(name: BinaryName, rest: Omit<Binary, 'name'>): Binary {
  return { name, ...rest };
}

function kubernetesBinary(name: BinaryName): Binary {
  return binary(name, {
    package: `k8s.io/kubernetes/cmd/${name}`,
    versionArgs: ['--version'],
    versionOutput: /Kubernetes v(\S+)/,
    release: { path: `v${KUBERNETES}/bin/{os}/{arch}/${name}`, sha256: {} },
  });
}
