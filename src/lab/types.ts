import type { BinaryPaths } from './binaries/types.js';

/** Absolute paths of the lab's programs. */
export type LabBinaries = BinaryPaths<1>;

/** One cluster as the mesh file names it. Without a region it becomes `region-N`. */
export interface LabClusterRequest {
  name: string;
  /** The context of the kubeconfig that users get; the cluster's name unless told. */
  context?: string;
  region?: string;
  zone?: string;
  /** Whether an istiod is expected in it. The first primary owns the load balancer's ports. */
  primary: boolean;
}

/**
 * What the load-balancer stand-in answers: a hostname (default `localhost`, as some clouds do) or an IP
 * address that is already on an interface of this network namespace and is not a loopback address.
 */
export interface LabAddress {
  type: 'hostname' | 'ip';
  value: string;
}

export interface LabUpOptions {
  dir: string;
  clusters: LabClusterRequest[];
  binaries: LabBinaries;
  address?: { type: 'hostname' | 'ip'; value?: string };
  onEvent: (event: LabEvent) => void;
  signal?: AbortSignal;
}

export type LabEventType =
  | 'lab.starting'
  | 'lab.unchanged'
  | 'lab.mending'
  | 'lab.ready'
  | 'lab.cleaning'
  | 'lab.stopping'
  | 'lab.removed'
  | 'cluster.starting'
  | 'cluster.ready'
  | 'cluster.stopped';

/** Progress of a lab command. `message` is a whole plain sentence without the cluster's name. */
export interface LabEvent {
  type: LabEventType;
  message: string;
  cluster?: string;
  durationMs?: number;
}

export interface LabProcessStatus {
  /** `etcd`, `kube-apiserver`, … */
  name: string;
  pid: number;
  alive: boolean;
}

/** One real istiod; it stands for all pods of one ReplicaSet. */
export interface LabIstiodStatus {
  namespace: string;
  replicaSet: string;
  revision: string;
  pid: number | null;
  ready: boolean;
  restarts: number;
}

export interface LabClusterStatus {
  name: string;
  server: string;
  region: string;
  primary: boolean;
  /** `stopped`: by `lab stop`. `degraded`: something that should run does not. */
  state: 'running' | 'stopped' | 'degraded';
  processes: LabProcessStatus[];
  istiod: LabIstiodStatus[];
}

export interface LabStatus {
  dir: string;
  level: 1;
  /** `absent`: there is no lab in this folder. `incomplete`: its start was cut short. */
  state: 'running' | 'degraded' | 'incomplete' | 'absent';
  address?: LabAddress;
  kubeconfig?: string;
  agent?: { pid: number; alive: boolean };
  clusters: LabClusterStatus[];
}
