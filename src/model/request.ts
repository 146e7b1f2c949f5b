import type { Impact } from './action.js';

/**
 * What one run is asked beyond the declaration: the flags that narrow, widen or bound its plan. A saved
 * plan keeps it, so that an apply of the file asks the same.
 */
export interface PlanRequest {
  /** The worst impact that an apply may have; a plan with more is refused. */
  maxImpact?: Impact;
}
