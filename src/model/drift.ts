import type { Operation } from 'fast-json-patch';
import type { SourceRange } from './diagnostic.js';
import type { Change, Plan, PlannedAction, Reason } from './plan.js';

/** How a difference was found. Documented in docs/drift.md. */
export const DRIFT_LENSES = ['declared', 'added', 'meaning'] as const;
export type DriftLens = (typeof DRIFT_LENSES)[number];

/** What a difference is. A closed list, documented in docs/drift.md; also the rules of SARIF. */
export const DRIFT_RULES = [
  'changed',
  'deleted',
  'replaced',
  'added',
  'root-replaced',
  'ca-broken',
  'certificate-ends',
  'token-ends',
  'token-rotated',
  'address-moved',
  'ca-bundle',
  'orphaned-secret',
  'not-synced',
  'istiod-down',
  'foreign-rule',
  'fenced-cluster',
] as const;
export type DriftRule = (typeof DRIFT_RULES)[number];

/** One difference between a live cluster and the declaration that did not come from the declaration. */
export interface DriftEntry {
  address: string;
  lens: DriftLens;
  rule: DriftRule;
  /** RFC 6902 from the live object to the declared one; Secret values in it are masked. */
  patch: Operation[];
  /** Live values at the pointers of `patch`; none of a Secret. */
  before?: Record<string, unknown>;
  /** The field manager that wrote it, where the cluster tells. */
  by?: string;
  /** When, as the API server noted it (RFC 3339). */
  at?: string;
  /** What it means, in words; where the pointers do not say it. */
  message?: string;
  /** Where mesh.yaml declares what it is about. */
  source?: SourceRange;
}

/** What spec.drift.ignore takes out of all lenses. */
export interface DriftIgnore {
  /** An object's address, or a glob. */
  address: string;
  /** JSON pointers; each covers what is below it. Left out: everything about the object. */
  pointers?: string[];
  /** The field manager whose differences are meant. Left out: everybody's. */
  manager?: string;
  reason?: string;
  source: SourceRange;
}

/** How much a rule of spec.drift.ignore took out: fields, or entries that name none. */
export interface IgnoredCount {
  rule: DriftIgnore;
  count: number;
}

/** What an apply would do beside taking drift back: the declaration changed, or was never applied. */
export interface PendingChange {
  action: PlannedAction;
  /** The object's, or the action's id where it has no objects. */
  address: string;
  change: Change;
  reason: Reason;
  /** JSON pointers; none where the object as a whole changes. */
  fields: string[];
}

/** What `drift` found. */
export interface DriftReport {
  /** The plan, with the entries of all lenses that are not ignored as its `drift`. */
  plan: Plan;
  pending: PendingChange[];
  ignored: IgnoredCount[];
}
