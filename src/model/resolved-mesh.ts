import type { SourceRange } from './diagnostic.js';
import type { DriftIgnore } from './drift.js';
import type { KubeObject } from './kube.js';
import type { LintPolicy } from './lint.js';
import type { ClientTls, ConnectionPool, HttpMatch, LoadBalancer, OutlierDetection } from './mesh.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * mesh.yaml after overlays, defaults and cross references are worked out: what `compile` reads.
 * Every name in here is known to exist, every list of clusters holds cluster names.
 */
export interface ResolvedMesh {
  /** The mesh ID (`metadata.name`). */
  name: string;
  istio: { version: string; hub?: string; tag?: string; meshConfig: JsonObject; values: JsonObject };
  trust: ResolvedTrust;
  networks: string[];
  /** Those that take part: without the fenced ones. */
  clusters: ResolvedCluster[];
  /** Remotes that are declared and take no part: all else in here is without them. */
  fenced: FencedCluster[];
  namespaces: ResolvedNamespace[];
  workloads: ResolvedWorkload[];
  traffic: ResolvedTraffic[];
  monitoring: {
    alerts: boolean;
    dashboards: boolean;
    /** The cluster in which Kiali runs, and its namespace, where it is to see the others. */
    kiali?: { cluster: string; namespace: string };
  };
  /** What `drift` leaves out. */
  drift: { ignore: DriftIgnore[] };
  /** How findings of lint rules are taken. */
  lint: LintPolicy;
  /** Overlay files in force, as the user named them; those of the environment come first. */
  overlays: string[];
  /** The environment in force, where mesh.yaml declares any. */
  environment?: ResolvedEnvironment;
}

/** One of `spec.environments`. */
export interface ResolvedEnvironment {
  name: string;
  /** All others that are declared, with the mesh ID of each. */
  others: { name: string; mesh: string }[];
  requires?: ProofRequirement;
}

/** What another environment must have proved before an apply. */
export interface ProofRequirement {
  environment: string;
  /** The file of the report: its absolute path, and as it is written in mesh.yaml. */
  report: { path: string; shown: string };
  maxAgeHours: number;
  /** Lineage of the state whose reports count. */
  lineage?: string;
  /** Differences that are meant. */
  except: { address: string; pointers?: string[] }[];
  source: SourceRange;
}

export interface ResolvedTrust {
  domain: string;
  source: 'generated' | 'files' | 'secret';
  root: {
    /** Absolute path of the root key; undefined means `.meshplan/ca/MESH/root-key.pem`. */
    keyFile?: string;
    /** Absolute path of the root certificate; undefined means beside the key in `.meshplan/ca/MESH/`. */
    certFile?: string;
    organization: string;
    validityDays: number;
    keyBits: number;
  };
  intermediates: { validityDays: number; renewBeforeDays: number };
  /** Whether remotes get a `cacerts` Secret too (needed only for a later promotion). */
  remoteKeys: boolean;
}

export interface ResolvedCluster {
  name: string;
  /** The kubeconfig context. */
  context: string;
  /** Absolute path of a kubeconfig of its own, where mesh.yaml names one. */
  kubeconfig?: string;
  /** The API server's URL as istiod must reach it, where it differs from the kubeconfig's. */
  apiServer?: string;
  role: 'primary' | 'remote';
  /** The primary that serves this cluster; a primary names itself. */
  primary: string;
  network: string;
  locality?: { region: string; zone?: string };
  labels: Record<string, string>;
  /** Istio values for this cluster alone. */
  values: JsonObject;
  /** Only meaningful for a primary. */
  controlPlane: ResolvedControlPlane;
  source: SourceRange;
}

export interface FencedCluster extends ResolvedCluster {
  /** Since when (RFC 3339, with its time zone). */
  since: string;
  /** Where `fenced` is written. */
  fencedAt: SourceRange;
}

export interface ResolvedControlPlane {
  replicas: number;
  exposure: {
    type: 'LoadBalancer';
    annotations: Record<string, string>;
    /** A fixed IP or hostname that remotes use, instead of what the load balancer answers. */
    address?: string;
    /** CIDRs; empty means everybody. */
    allowFrom: string[];
    /**
     * Present where a NetworkPolicy keeps others from istiod: CIDRs of the primary's nodes and API servers,
     * where mesh.yaml names them.
     */
    networkPolicy?: { nodes?: string[]; apiServers?: string[] };
  };
  resources?: JsonObject;
  /** Bounds of istio-system: `hard` of its ResourceQuota, and its LimitRange for containers. */
  quota?: { hard: JsonObject; limits?: JsonObject };
}

/** Whether pods get a sidecar: of the default revision, or of another one, or of a tag. */
export type Injection = boolean | { revision: string };

/** A namespace in clusters where it is the same; one that differs by cluster has several of these. */
export interface ResolvedNamespace {
  name: string;
  injection: Injection;
  clusters: string[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Whether a plan that would delete or replace it is refused. */
  preventDelete?: boolean;
  source: SourceRange;
}

/** An object of a manifest, and where it is written. */
export interface PlacedObject {
  object: KubeObject;
  source: SourceRange;
  /** Where a field is written, as API servers name it (`spec.containers[0].image`): here or in a patch. */
  fieldAt?(field: string): SourceRange | undefined;
}

export interface ResolvedWorkload {
  /** As written in mesh.yaml. */
  manifests: string;
  /**
   * What each of its clusters gets: the objects of all its files but Namespaces, which are folded into `namespaces`.
   * Two workloads may bring the same object to one cluster; then the two are equal.
   */
  objects: ReadonlyMap<string, PlacedObject[]>;
  clusters: string[];
  /** Clusters outside `clusters` from which its Services are called. */
  callableFrom: string[];
  /** The Services that each of these callers gets a match of: those that no manifest brings it. */
  callable: ReadonlyMap<string, KubeObject[]>;
  /** Whether a plan that would delete or replace one of its objects is refused. */
  preventDelete?: boolean;
  /** Whether an apply may restart its pods that are older than injection. */
  restart?: boolean;
  source: SourceRange;
}

/** A destination that gets copies of requests. */
export interface ResolvedMirror {
  host: string;
  subset?: string;
  percent: number;
}

/** Faults that the caller's proxy plays, each for a share of the requests in percent. */
export interface ResolvedFault {
  delay?: { fixedDelay: string; percent: number };
  abort?: { httpStatus: number; percent: number };
}

export interface ResolvedRoute {
  /** A request has to fit one of them; left out: every request does. */
  match?: HttpMatch[];
  to: { subset?: string; weight?: number }[];
  mirrors?: ResolvedMirror[];
  fault?: ResolvedFault;
  /** A duration as Istio writes it, e.g. `5s`. */
  timeout?: string;
  retries?: { attempts: number; perTryTimeout?: string; retryOn?: string };
}

export interface ResolvedTraffic {
  /** A fully qualified Service host, `NAME.NAMESPACE.svc.cluster.local`. */
  host: string;
  namespace: string;
  /** Subset name to pod labels. */
  subsets: Record<string, Record<string, string>>;
  routes: ResolvedRoute[];
  /** What holds for a subset in the place of what holds for the host. */
  subsetPolicies: Record<string, { connectionPool?: ConnectionPool; tls?: ClientTls }>;
  failover: { from: string; to: string }[];
  /** Percent of the requests by locality, for callers in another. */
  distribute: { from: string; to: Record<string, number> }[];
  outlierDetection?: OutlierDetection;
  connectionPool?: ConnectionPool;
  loadBalancer?: LoadBalancer;
  tls?: ClientTls;
  /** Whether a plan that would delete or replace its rules is refused. */
  preventDelete?: boolean;
  source: SourceRange;
}
