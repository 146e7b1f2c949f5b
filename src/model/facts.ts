import type { ApiResource, KubeObject, Unread } from './kube.js';

/** The four files of Istio's plug-in CA, as the Secret `cacerts` holds them (PEM). */
export interface Cacerts {
  'ca-cert.pem': string;
  'ca-key.pem': string;
  'root-cert.pem': string;
  'cert-chain.pem': string;
}

export interface ReachableCluster {
  reachable: true;
  /** The UID of Namespace kube-system: the identity of a cluster. */
  uid: string;
  server: string;
  /** The API server's `gitVersion`. */
  version: string;
  resources: ApiResource[];
  /** Every Namespace, by name: what decides whether objects in it can be asked about yet. */
  namespaces: Map<string, KubeObject>;
  /** Certificate authority data (PEM) by which the API server is verified. */
  caData?: string;
  /** What decides shape and could not be read. */
  unread: Unread[];
  /** True where a kubeconfig extension allows loopback servers in remote secrets (the lab's). */
  loopbackAllowed: boolean;
}

export interface UnreachableCluster {
  reachable: false;
  server: string;
  error: string;
  hint?: string;
}

export type ClusterFacts = ReachableCluster | UnreachableCluster;

/** Credentials by which istiod or Kiali reads a cluster. Secret: never printed, never stored. */
export interface ReaderToken {
  token: string;
  /** PEM of the API server's certificate authority. */
  ca: string;
}

/** What a remote secret gives istiod to reach a cluster. The token is never shown. */
export interface RemoteCredentials {
  name: string;
  server: string;
  /** PEM. */
  ca: string;
  token: string;
  tlsServerName?: string;
}

/** What an installation that was there before meshplan has of the things that meshplan would add to one. */
export interface Inherited {
  /** Whether istiod has `ISTIO_MULTIROOT_MESH`. */
  multiRoot: boolean;
  /** Whether istiod's pods are spread. */
  spread: boolean;
}

/** CIDRs from which calls come to istiod that are none of `allowFrom`. */
export interface Surroundings {
  nodes: string[];
  apiServers: string[];
}

/** The few live things that decide shape. Actions add to them while a plan is applied. */
export interface Facts {
  clusters: Record<string, ClusterFacts>;
  /** Primary → address of istiod-external (IP or hostname), where it is known. */
  addresses: Record<string, string>;
  root?: { certPem: string; fingerprint: string; keyAvailable: boolean };
  /** True where no root is known and a cluster that may hold one cannot be read: none may be made then. */
  rootUndecided?: boolean;
  /** Cluster → its live (or just issued) intermediate, where it is sound and belongs to the root. */
  cacerts: Record<string, Cacerts>;
  /** Remote → istiod's credentials there, where the token has been filled in. */
  readerTokens: Record<string, ReaderToken>;
  /** Cluster → Kiali's credentials there, where mesh.yaml asks for some and the token has been filled in. */
  kialiTokens?: Record<string, ReaderToken>;
  /** Primary → what is around its istiod, where a NetworkPolicy has to let it through. */
  surroundings?: Record<string, Surroundings>;
  /** Cluster → its installation, where it was there before meshplan and has been or is to be adopted. */
  inherited?: Record<string, Inherited>;
  /**
   * Remote → its kubeconfig in the primary (base64, as it is written) with what that says, where the remote
   * secret is ours or is to be adopted. Secret: never printed, never stored.
   */
  remoteSecrets?: Record<string, { data: string; credentials: RemoteCredentials }>;
  /**
   * Cluster → the one whose istiod served it when the facts were read (itself, where it was a primary), as long as
   * the one that mesh.yaml gives it to does not yet. It stays so while a plan is applied.
   */
  moves?: Record<string, string>;
}
