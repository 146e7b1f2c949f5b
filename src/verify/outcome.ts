import { MeshplanError, messageOf } from '../errors/index.js';
import type { CheckStatus } from '../model/verify.js';

/** What one look at the mesh showed. */
export interface Outcome {
  status: CheckStatus;
  evidence: string;
  hint?: string;
  /** True when time alone may mend it, e.g. while istiod still reads a cluster: worth another look. */
  unsettled?: boolean;
}

/** A claim with the way to test it. */
export interface CheckSpec {
  id: string;
  cluster?: string;
  claim: string;
  /** Clusters without which nothing can be said. */
  needs: string[];
  /** The primary whose istiod must be ready; where it is not, the check `istiod-ready` says so for all. */
  istiod?: string;
  run(): Promise<Outcome>;
}

export const pass = (evidence: string): Outcome => ({ status: 'pass', evidence });
export const skip = (evidence: string): Outcome => ({ status: 'skip', evidence });
export const warn = (evidence: string, hint: string): Outcome => ({ status: 'warn', evidence, hint });
export const fail = (evidence: string, hint: string): Outcome => ({ status: 'fail', evidence, hint });

/** The same outcome, marked as one that may pass by itself within seconds. */
export const unsettled = (outcome: Outcome): Outcome => ({ ...outcome, unsettled: true });

/** Failures that a pod's restart explains: the next look may find another pod. */
const PASSING = new Set(['istiod-not-ready', 'port-forward-failed']);

/** What an exception says about the claim that was being tested. */
export function outcomeOfError(error: unknown): Outcome {
  const outcome: Outcome = { status: 'fail', evidence: messageOf(error) };
  if (!(error instanceof MeshplanError)) return outcome;
  if (error.hint) outcome.hint = error.hint;
  return PASSING.has(error.code) ? unsettled(outcome) : outcome;
}
