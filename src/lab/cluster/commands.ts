import { join } from 'node:path';
import { type ClusterLayout, EGRESS_SOCKET, kubeconfigOf } from '../layout.js';
import type { ClusterState, Level1Cluster, Level2Cluster } from '../state.js';

/** The arguments of one cluster's programs. All run in the cluster's folder. Pure. */

/**
 * etcd takes clients and peers on Unix sockets in the private folder, so no other user reaches it.
 * Its flags want `host:port`, and kube-apiserver's first check dials the URL's host part: a relative
 * file name that ends in `:0` satisfies both.
 */
const ETCD_CLIENTS = 'unix://etcd.sock:0';
const ETCD_PEERS = 'unix://etcd-peers.sock:0';

export function etcdArgs(cluster: ClusterState): string[] {
  return [
    `--name=${cluster.name}`,
    '--data-dir=etcd',
    `--listen-client-urls=${ETCD_CLIENTS}`,
    `--advertise-client-urls=${ETCD_CLIENTS}`,
    `--listen-peer-urls=${ETCD_PEERS}`,
    `--initial-advertise-peer-urls=${ETCD_PEERS}`,
    `--initial-cluster=${cluster.name}=${ETCD_PEERS}`,
    // A lab survives the death of its processes, not of its machine.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

/** The API server's port at level 2, where each has an address of its own. */
export const API_SERVER_PORT = 6443;

export function apiServerArgs(cluster: ClusterState, layout: ClusterLayout): string[] {
  const issuer = `https://${cluster.name}.lab`;
  return [
    `--etcd-servers=${ETCD_CLIENTS}`,
    `--service-account-key-file=${layout.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${layout.serviceAccountKey}`,
    `--service-account-issuer=${issuer}`,
    // `istio-ca` is the audience of the tokens that proxies show to istiod.
    `--api-audiences=${issuer},istio-ca`,
    `--service-cluster-ip-range=${cluster.serviceCidr}`,
    `--token-auth-file=${layout.tokens}`,
    '--allow-privileged',
    // Nothing here needs to be fair to many callers, and start-up is faster without it.
    '--enable-priority-and-fairness=false',
    '--profiling=false',
    ...(cluster.level === 1 ? withoutNodes(cluster, layout) : withNode(cluster, layout)),
  ];
}

function withoutNodes(cluster: Level1Cluster, layout: ClusterLayout): string[] {
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${cluster.ports.apiServer}`,
    `--cert-dir=${layout.certs}`,
    '--authorization-mode=RBAC',
    '--endpoint-reconciler-type=none',
    // No kube-proxy routes Services here: the lab's agent answers for them.
    `--egress-selector-config-file=${layout.egress}`,
  ];
}

function withNode(cluster: Level2Cluster, layout: ClusterLayout): string[] {
  return [
    `--bind-address=${cluster.node}`,
    `--advertise-address=${cluster.node}`,
    `--secure-port=${API_SERVER_PORT}`,
    `--tls-cert-file=${layout.servingCert}`,
    `--tls-private-key-file=${layout.servingKey}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-certificate-authority=${layout.ca}`,
    `--kubelet-client-certificate=${layout.kubeletClient.cert}`,
    `--kubelet-client-key=${layout.kubeletClient.key}`,
  ];
}

/** Calls to Services, pods and nodes leave through the agent's proxy on the cluster's socket. */
export const egressConfiguration = {
  apiVersion: 'apiserver.k8s.io/v1beta1',
  kind: 'EgressSelectorConfiguration',
  egressSelections: [
    {
      name: 'cluster',
      connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: EGRESS_SOCKET } } },
    },
  ],
};

/** `volumePlugins` is a folder that it makes at its start. */
export function controllerManagerArgs(
  cluster: ClusterState,
  layout: ClusterLayout,
  volumePlugins = join(layout.dir, 'volume-plugins'),
): string[] {
  return [
    `--kubeconfig=${kubeconfigOf(layout, 'kube-controller-manager')}`,
    `--cluster-name=${cluster.name}`,
    `--service-account-private-key-file=${layout.serviceAccountKey}`,
    `--root-ca-file=${layout.ca}`,
    '--leader-elect=false',
    '--secure-port=0',
    // Else it makes a folder of the host.
    `--flex-volume-plugin-dir=${volumePlugins}`,
    // An autoscaler's floor (the replicas of a highly available istiod) is then there within a second.
    '--horizontal-pod-autoscaler-sync-period=1s',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

export function schedulerArgs(layout: ClusterLayout): string[] {
  const kubeconfig = kubeconfigOf(layout, 'kube-scheduler');
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0', '--kube-api-qps=200'];
}

export function kwokArgs(cluster: Level1Cluster, layout: ClusterLayout): string[] {
  return [
    `--config=${layout.kwok}`,
    `--kubeconfig=${kubeconfigOf(layout, 'kwok')}`,
    '--manage-all-nodes=false',
    '--manage-nodes-with-label-selector=type=kwok',
    // Off by default; without leases the node controller calls every node lost after 40 s.
    '--node-lease-duration-seconds=40',
    `--cidr=${cluster.podCidr}`,
    '--node-ip=127.0.0.1',
    `--node-port=${cluster.ports.kwok}`,
    `--server-address=127.0.0.1:${cluster.ports.kwok}`,
    // Its port-forward server speaks TLS; the API server's own certificate names 127.0.0.1 already.
    `--tls-cert-file=${layout.servingCert}`,
    `--tls-private-key-file=${layout.servingKey}`,
  ];
}
