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
}
