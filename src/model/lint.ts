import type { Diagnostic, Severity, SourceRange } from './diagnostic.js';

/** What mesh.yaml makes of a lint rule. */
export type LintSeverity = Severity | 'off';

/** A finding, or several, that are meant to be as they are until a day. */
export interface LintWaiver {
  rule: string;
  /** A glob over the subjects of the rule's findings; left out: all of them. */
  subject?: string;
  reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`, UTC. */
  expires: string;
  source: SourceRange;
  /** Where its last day is written. */
  expiresAt: SourceRange;
}

/** `spec.lint`. */
export interface LintPolicy {
  /** By rule; a rule that is not in here has its default. */
  severities: Readonly<Record<string, LintSeverity>>;
  waivers: readonly LintWaiver[];
}

/** A finding that a waiver keeps from being told. */
export interface WaivedFinding extends Omit<Diagnostic, 'severity'> {
  /** Why, and until when, as the waiver says. */
  waiver: { reason: string; expires: string };
}
