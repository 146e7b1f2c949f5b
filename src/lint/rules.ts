import type { Severity } from '../model/diagnostic.js';

/**
 * Every lint rule with its severity where mesh.yaml sets none. A rule says what the schema cannot: a mesh that
 * breaks it can be compiled and applied, but would not do what its author means. Documented in docs/lint.md.
 */
export const LINT_RULES = {
  'exposure-open': 'warning',
  'control-plane-of-remote': 'warning',
  'several-networks': 'warning',
  'unused-setting': 'warning',
  'no-cluster-selected': 'error',
  'nothing-to-call': 'warning',
  'callable-disagrees': 'error',
  'unknown-host': 'warning',
  'empty-subset': 'warning',
  'unreachable-route': 'warning',
  'unknown-region': 'warning',
  'empty-service': 'warning',
  'target-port': 'warning',
  'port-names': 'warning',
  'port-protocol': 'warning',
  'port-not-http': 'warning',
  'headless-service': 'warning',
  'not-callable': 'warning',
  'separate-primaries': 'warning',
  'injection-off': 'warning',
  'pods-without-sidecar': 'warning',
  'empty-region': 'warning',
  'foreign-rule': 'warning',
  'node-region': 'warning',
  'failover-without-detection': 'error',
  'per-try-timeout': 'warning',
  'fault-before-limits': 'warning',
  'mtls-off': 'warning',
  'unknown-subset': 'error',
  'weights-sum': 'warning',
  'two-rules': 'warning',
  'ejection-limit': 'warning',
  'unread-rule': 'warning',
  'managed-object': 'error',
  'istiod-selector': 'warning',
  'key-in-manifest': 'error',
  'istio-operator': 'error',
  'operator-field': 'error',
  'unknown-label': 'warning',
  'unknown-metric': 'warning',
  'dedicated-primary': 'warning',
  'quota-refuses-istiod': 'error',
  'quota-without-surge': 'warning',
} as const satisfies Record<string, Severity>;
export type LintRule = keyof typeof LINT_RULES;

/** Rules of which nothing can be said before the clusters are asked. */
export const LIVE_RULES: ReadonlySet<LintRule> = new Set([
  'pods-without-sidecar',
  'foreign-rule',
  'node-region',
]);

/** Rules whose findings the clusters may prove wrong, for others bring there what mesh.yaml does not. */
export const DISPROVABLE_RULES: ReadonlySet<LintRule> = new Set([
  'unknown-host',
  'empty-subset',
  'empty-service',
  'empty-region',
  'not-callable',
  'injection-off',
  'unknown-region',
]);

/** What one finding of a rule is about, and what it says. */
export interface LintFinding {
  /** What it is about, in names of mesh.yaml (`HOST`, `HOST/SUBSET`, an object's address …); waivers name it. */
  subject: string;
  /** What is so, and what follows from it. */
  message: string;
  /** How to mend it. */
  hint: string;
}
