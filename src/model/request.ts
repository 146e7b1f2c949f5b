import type { Impact } from './action.js';
import type { KubeObject } from './kube.js';

/**
 * What one run is asked beyond the declaration: the flags that narrow, widen or bound its plan. A saved
 * plan keeps it, so that an apply of the file asks the same.
 */
export interface PlanRequest {
  /** Action ids, object addresses or globs of them: these alone, and what they need. None: everything. */
  targets?: readonly string[];
  /** What is left out, with all that depends on it. */
  excludes?: readonly string[];
  /** The worst impact that an apply may have; a plan with more is refused. */
  maxImpact?: Impact;
  /** What is taken over that was there before meshplan: globs over addresses, or `manager:NAME`. */
  adopt?: string[];
  /** Clusters that are gone for good. */
  abandon?: readonly string[];
}

/** Whether a live object that is not ours is taken over. */
export type Adopts = (address: string, live: KubeObject) => boolean;
