import { join } from 'node:path';
import { type ClusterLayout, kubeconfigOf } from '../layout.js';
import type { Level2Cluster } from '../state.js';
import { nodeName } from './nodes.js';

/** The arguments and configuration of the programs that make a level-2 node. Pure. */

/** Where a node keeps what a restart of a machine would take away; all paths are short, for sockets. */
export interface NodeFolders {
  run: string;
  socket: string;
  kubelet: string;
  podLogs: string;
  volumePlugins: string;
}

export function nodeFoldersOf(run: string): NodeFolders {
  return {
    run,
    socket: join(run, 'containerd.sock'),
    kubelet: join(run, 'kubelet'),
    podLogs: join(run, 'logs'),
    volumePlugins: join(run, 'volume-plugins'),
  };
}

/**
 * Folders that the kubelet, containerd and the CNI plugins write to whatever they are told. The host's own
 * may be in use there, so each node sees an empty one of its own in their place.
 */
const SHADOWED = ['/var/lib/kubelet', '/var/lib/cni', '/var/log/containers'];

/** What the kubelet sets for the whole machine, and leaves alone where it is so already. */
const KUBELET_SYSCTLS: Record<string, number> = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

/** The first shadowed folder holds the files that stand in the place of the machine's settings. */
const showSysctls = Object.entries(KUBELET_SYSCTLS).map(([path, value]) => {
  const file = join(SHADOWED[0] ?? '', path.replaceAll('/', '.'));
  return `echo ${value} > ${file} && mount --bind ${file} /proc/sys/${path} || exit 1`;
});

/**
 * Starts what follows it in a mount namespace of its own. All that is mounted there, for volumes and
 * containers too, is seen on the node alone, and is gone when its last process has ended.
 */
export const withOwnMounts = [
  'unshare',
  '--mount',
  '--propagation=slave',
  'sh',
  '-c',
  [
    `for dir in ${SHADOWED.join(' ')}; do mkdir -p $dir && mount -t tmpfs lab $dir || exit 1; done`,
    ...showSysctls,
    'exec "$@"',
  ].join('\n'),
  'sh',
];

/** Starts what follows it where the mounts of that process are. */
export const withMountsOf = (pid: number) => ['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--'];

export const containerdArgs = (layout: ClusterLayout) => [`--config=${layout.containerd}`];

export interface ContainerdHost {
  /** The folder with the CNI plugins. */
  cniPlugins: string;
  pauseImage: string;
}

/** containerd's configuration, in TOML; JSON's strings are TOML's too. */
export function containerdConfiguration(
  layout: ClusterLayout,
  node: NodeFolders,
  host: ContainerdHost,
): string {
  const text = JSON.stringify;
  return `version = 3
root = ${text(join(layout.dir, 'containerd'))}
state = ${text(join(node.run, 'containerd'))}
# Each of these would make a folder or a socket of the host's.
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]

[grpc]
address = ${text(node.socket)}

[plugins.'io.containerd.metadata.v1.bolt']
# A lab survives the death of its processes, not of its machine.
no_sync = true

[plugins.'io.containerd.shim.v1.manager']
socket_dir = ${text(join(node.run, 's'))}

[ttrpc]
address = ${text(`${node.socket}.ttrpc`)}

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = ${text(host.pauseImage)}

[plugins.'io.containerd.cri.v1.runtime']
# Lowering it takes a capability that root of a container has not.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
Root = ${text(join(node.run, 'runc'))}

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [${text(host.cniPlugins)}]
conf_dir = ${text(layout.cni)}
`;
}

/**
 * One pod network for each node; other clusters' pods are reached by the node's own routes.
 * @param name - of the network; files that the plugins leave begin with it.
 */
export function cniConfiguration(cluster: Level2Cluster, node: NodeFolders, name: string): object {
  return {
    cniVersion: '1.0.0',
    name,
    plugins: [
      {
        type: 'ptp',
        // Pods show their own addresses to each other, across clusters too.
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: join(node.run, 'cni'),
          ranges: [[{ subnet: cluster.podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

export function kubeletArgs(cluster: Level2Cluster, layout: ClusterLayout, node: NodeFolders): string[] {
  const { region, zone } = cluster;
  const labels = {
    'topology.kubernetes.io/region': region,
    'topology.kubernetes.io/zone': zone ?? `${region}a`,
  };
  return [
    `--config=${layout.kubelet}`,
    `--kubeconfig=${kubeconfigOf(layout, 'kubelet')}`,
    `--root-dir=${node.kubelet}`,
    `--cert-dir=${join(layout.dir, 'kubelet-certs')}`,
    `--hostname-override=${nodeName(cluster)}`,
    `--node-ip=${cluster.node}`,
    `--node-labels=${Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join()}`,
  ];
}

export function kubeletConfiguration(
  cluster: Level2Cluster,
  layout: ClusterLayout,
  node: NodeFolders,
): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: cluster.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: layout.ca },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: layout.kubeletServer.cert,
    tlsPrivateKeyFile: layout.kubeletServer.key,
    readOnlyPort: 0,
    containerRuntimeEndpoint: `unix://${node.socket}`,
    clusterDomain: 'cluster.local',
    clusterDNS: [cluster.dns],
    resolvConf: layout.resolvConf,
    podLogsDir: node.podLogs,
    volumePluginDir: node.volumePlugins,
    serializeImagePulls: false,
    // The machine is not the node's alone: no limits of its own, no eviction for what others use.
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    evictionHard: { 'memory.available': '50Mi' },
    // Nobody could give an image back that was removed because the disk is full.
    imageGCHighThresholdPercent: 100,
  };
}

export const kubeProxyArgs = (layout: ClusterLayout) => [`--config=${layout.kubeProxy}`];

export function kubeProxyConfiguration(cluster: Level2Cluster, layout: ClusterLayout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: kubeconfigOf(layout, 'kube-proxy') },
    clusterCIDR: cluster.podCidr,
    hostnameOverride: nodeName(cluster),
    // Changes of Services and endpoints show at once; here are few of them.
    iptables: { minSyncPeriod: '0s' },
    // These are limits of the whole machine, which are not the lab's to set.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
