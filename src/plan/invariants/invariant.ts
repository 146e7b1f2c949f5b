import type { Severity } from '../../model/diagnostic.js';
import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import type { PredictedState } from './state.js';

/** One way in which the mesh is not what it has to be. */
export interface Violation {
  /** Which clusters it is about: the same fault keeps the same subject, whatever the values. */
  subject: string;
  /** What is wrong and what comes of it, as the end of a sentence. */
  what: string;
  hint: string;
  severity: Severity;
  /** Lasts only until a later step of the same plan, which is soon enough. */
  passing: boolean;
}

/** Something that holds in a sound mesh before, during and after an apply. */
export interface Invariant {
  /** The code of its diagnostics. */
  code: string;
  /** Objects that decide it, as `KIND/NAME` of what lives in istio-system or in no namespace. */
  concerns: RegExp;
  violations(state: PredictedState, mesh: ResolvedMesh): Violation[];
}
