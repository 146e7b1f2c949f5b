import type { BinaryPaths, LabLevel } from './binaries/types.js';
import type { HostTools } from './host-needs.js';
import type { ImageArchive } from './images/types.js';

export type { LabLevel } from './binaries/types.js';

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

interface CommonUpOptions {
  dir: string;
  clusters: LabClusterRequest[];
  onEvent: (event: LabEvent) => void;
  signal?: AbortSignal;
}

export interface Level1UpOptions extends CommonUpOptions {
  level: 1;
  binaries: BinaryPaths<1>;
  /** `localhost` unless told. */
  address?: { type: 'hostname' | 'ip'; value?: string };
}

export interface Level2UpOptions extends CommonUpOptions {
  level: 2;
  binaries: BinaryPaths<2>;
  host: HostTools;
  /** What each node is given. */
  images: ImageArchive[];
}

export type LabUpOptions = Level1UpOptions | Level2UpOptions;

export type LabEventType =
  | 'lab.starting'
  | 'lab.unchanged'
  | 'lab.mending'
  | 'lab.ready'
  | 'lab.cleaning'
  | 'lab.stopping'
  | 'lab.removed'
  | 'cluster.starting'
  | 'cluster.waiting'
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
  level: LabLevel;
  /** `absent`: there is no lab in this folder. `incomplete`: its start was cut short. */
  state: 'running' | 'degraded' | 'incomplete' | 'absent';
  address?: LabAddress;
  kubeconfig?: string;
  agent?: { pid: number; alive: boolean };
  clusters: LabClusterStatus[];
}
