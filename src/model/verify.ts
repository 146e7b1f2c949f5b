import type { ClusterProxies } from './proxies.js';
import type { TrafficReport } from './traffic.js';

export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skip';

/** One claim about the mesh and the evidence for or against it. */
export interface Check {
  /** Stable kebab-case id, e.g. `cluster-synced`. */
  id: string;
  cluster?: string;
  status: CheckStatus;
  claim: string;
  evidence: string;
  hint?: string;
}

export interface VerifyReport {
  /** True when no check failed. */
  ok: boolean;
  checks: Check[];
  /** The proxies of each cluster side by side, in the order of mesh.yaml. */
  proxies: ClusterProxies[];
  /** Of `verify --traffic` alone. */
  traffic?: Omit<TrafficReport, 'checks'>;
}

/** Whether istiod of its primary has read a cluster. */
export interface SyncReading {
  cluster: string;
  primary: string;
  /** `unread`: istiod could not be asked, so nobody knows; `no-istiod`: none of its pods is ready. */
  status: 'synced' | 'not-synced' | 'unread' | 'no-istiod';
  evidence: string;
}
