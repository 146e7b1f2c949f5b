/**
 * How far a proxy is with what istiod sent it. `not-sent`: it is connected, and nothing was sent yet; `stale`: it
 * has not acknowledged the last; `rejected`: it refused the last (a NACK) and goes on with what it had.
 */
export type ProxySync = 'synced' | 'stale' | 'not-sent' | 'rejected';

/** One type of configuration that a proxy has not taken. */
export interface UnsyncedType {
  /** `CDS`, `LDS`, `RDS`, `EDS` and the like; the type URL of one without a short name. */
  type: string;
  status: 'stale' | 'rejected';
  /** When istiod sent it, by istiod's clock, ISO 8601. */
  since?: string;
  /** Why the proxy rejected it, in its own words. */
  error?: string;
}

/** One proxy that is connected to istiod. */
export interface ProxyStatus {
  /** `POD.NAMESPACE`, as `istioctl proxy-status` has it. */
  name: string;
  /** `sidecar`, `router` (a gateway), `waypoint` or `ztunnel`. */
  kind: string;
  /** Its Istio, as it says itself. */
  version: string;
  /** The istiod pod that serves it. */
  istiod: string;
  status: ProxySync;
  /** Those types that are not synced. */
  types: UnsyncedType[];
}

/** How many proxies are connected, and how many of them are in which state. */
export interface ProxyCounts {
  connected: number;
  synced: number;
  stale: number;
  notSent: number;
  rejected: number;
}

/** The proxies of one cluster, as istiod of its primary sees them. */
export interface ClusterProxies {
  cluster: string;
  primary: string;
  /** Why nothing can be said; the members below are missing then, but for `istiodVersions`. */
  unknown?: string;
  /** Since when the cluster is fenced; the members below are missing then, too. */
  fenced?: string;
  /** What istiod of the primary runs; more than one while it is being replaced. */
  istiodVersions: string[];
  counts?: ProxyCounts;
  /** How many proxies are of which Istio. */
  versions?: Record<string, number>;
  /** Each of them, by name. */
  proxies?: ProxyStatus[];
}
