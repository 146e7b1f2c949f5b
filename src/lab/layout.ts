import { join } from 'node:path';

/** Every path of a lab. All of it lives under one folder, so that `lab down` knows what to remove. */
export interface LabLayout {
  dir: string;
  kubeconfig: string;
  /** Level 2: what it sets over the mesh file. */
  overlay: string;
  state: string;
  agentStatus: string;
  agentLog: string;
  lock: string;
  processes: string;
  bin: string;
  clusters: string;
}

export function layoutOf(dir: string): LabLayout {
  return {
    dir,
    kubeconfig: join(dir, 'kubeconfig'),
    overlay: join(dir, 'overlay.yaml'),
    state: join(dir, 'lab.json'),
    agentStatus: join(dir, 'agent.json'),
    agentLog: join(dir, 'agent.log'),
    lock: join(dir, 'lock'),
    processes: join(dir, 'processes'),
    bin: join(dir, 'bin'),
    clusters: join(dir, 'clusters'),
  };
}

/**
 * Sockets are named relative to the cluster's folder, which is the working folder of its processes:
 * a Unix socket's path may have 104 to 108 bytes only, and a lab's folder can lie deep.
 */
export const EGRESS_SOCKET = 'egress.sock';

/** A certificate and its private key. */
export interface KeyPairFiles {
  cert: string;
  key: string;
}

/** The files of one cluster. Everything but logs holds secrets or data, and all of it is private. */
export interface ClusterLayout {
  dir: string;
  certs: string;
  servingCert: string;
  servingKey: string;
  ca: string;
  serviceAccountKey: string;
  serviceAccountPublicKey: string;
  tokens: string;
  adminToken: string;
  egress: string;
  kwok: string;
  /** Level 2: what the API server shows to the kubelet, and what the kubelet serves with. */
  kubeletClient: KeyPairFiles;
  kubeletServer: KeyPairFiles;
  containerd: string;
  cni: string;
  kubelet: string;
  kubeProxy: string;
  resolvConf: string;
  istiod: string;
  istiodLog: string;
}

export function clusterLayoutOf(lab: LabLayout, cluster: string): ClusterLayout {
  const dir = join(lab.clusters, cluster);
  const certs = join(dir, 'certs');
  return {
    dir,
    certs,
    servingCert: join(certs, 'apiserver.crt'),
    servingKey: join(certs, 'apiserver.key'),
    ca: join(dir, 'ca.crt'),
    serviceAccountKey: join(dir, 'sa.key'),
    serviceAccountPublicKey: join(dir, 'sa.pub'),
    tokens: join(dir, 'tokens.csv'),
    adminToken: join(dir, 'admin.token'),
    egress: join(dir, 'egress.yaml'),
    kwok: join(dir, 'kwok.yaml'),
    kubeletClient: pairOf(certs, 'kubelet-client'),
    kubeletServer: pairOf(certs, 'kubelet'),
    containerd: join(dir, 'containerd.toml'),
    cni: join(dir, 'cni'),
    kubelet: join(dir, 'kubelet.yaml'),
    kubeProxy: join(dir, 'kube-proxy.yaml'),
    resolvConf: join(dir, 'resolv.conf'),
    istiod: join(dir, 'istiod'),
    istiodLog: join(dir, 'istiod.log'),
  };
}

const pairOf = (folder: string, name: string): KeyPairFiles => ({
  cert: join(folder, `${name}.crt`),
  key: join(folder, `${name}.key`),
});

export const logOf = (layout: ClusterLayout, process: string) => join(layout.dir, `${process}.log`);
export const kubeconfigOf = (layout: ClusterLayout, user: string) => join(layout.dir, `${user}.kubeconfig`);
