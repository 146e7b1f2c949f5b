import type { Analyze } from '../model/analysis.js';
import type { Facts, RemoteCredentials } from '../model/facts.js';
import type { Cluster } from '../model/kube.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';

/** A port of one pod. */
export interface PodPort {
  namespace: string;
  pod: string;
  port: number;
}

/** The body of an HTTP GET that goes through a port-forward to a pod. */
export type PortForward = (cluster: string, target: PodPort, path: string) => Promise<string>;

/** Opens a cluster with credentials other than the user's own. */
export type Connect = (credentials: RemoteCredentials) => Cluster;

/** What `verifyMesh` looks at, and the ports through which it does. */
export interface VerifyInput {
  mesh: ResolvedMesh;
  /** By name in mesh.yaml; a cluster that is missing counts as unreachable. */
  clusters: ReadonlyMap<string, Cluster>;
  facts: Facts;
  portForward: PortForward;
  connect: Connect;
  /** Asks `istioctl analyze`; without it that check is left out. */
  analyze?: Analyze;
  /**
   * Reads YAML. meshplan writes remote secrets as JSON, which needs no more than `JSON.parse`; istioctl
   * writes YAML, and its Secrets can be judged only where this is given.
   */
  parseYaml?: (text: string) => unknown;
  signal?: AbortSignal;
  /** Local time, for the clock checks; now unless told. */
  now?: Date;
  /** Milliseconds for which a check that may still come right is repeated; 10 s unless told. */
  settleMs?: number;
  /** Milliseconds for each try of a request that the API server may take; 30 s, and 10 s for its first answer, unless told. */
  timeoutMs?: number;
  /** Only the checks of what changes while nobody changes the mesh: what is down, and how far proxies are. */
  statusOnly?: boolean;
  /** For those who look again and again: what stays as it is between looks. */
  kept?: KeptFacts;
}

/** Such as the version of an istiod pod, by a key of its own. */
export type KeptFacts = Map<string, Promise<unknown>>;
