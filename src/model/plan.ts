import type { Operation } from 'fast-json-patch';
import type { AbandonedCluster } from './abandoned.js';
import type { ActionKind, Impact } from './action.js';
import type { Diagnostic, SourceRange } from './diagnostic.js';
import type { DriftEntry } from './drift.js';
import type { WaivedFinding } from './lint.js';
import type { UnknownAt } from './unknown.js';

export const CHANGES = ['create', 'update', 'replace', 'delete', 'noop', 'unknown', 'blocked'] as const;
export type Change = (typeof CHANGES)[number];

/** Why an action or object changes. A closed list, documented in docs/plan.md. */
export const REASONS = [
  'absent',
  'being-deleted',
  'deleted-outside',
  'changed-outside',
  'declaration-changed',
  'pods-without-sidecar',
  'awaits-value',
  'not-predictable',
  'immutable-field',
  'made-before-fence',
  'adopted',
  'invalid-object',
  'holds-foreign-objects',
  'not-declared',
  'left-by-controller',
  'destroy',
  'in-sync',
  'not-selected',
  'conflict',
  'cluster-unreachable',
  'forbidden',
  'server-error',
  'dependency-blocked',
  'stale-object',
  'not-planned',
] as const;
export type Reason = (typeof REASONS)[number];

/** Whether nothing can be told of an action or object, because what decides it could not be read. */
export const isUnread = (reason: Reason): boolean =>
  reason === 'cluster-unreachable' || reason === 'forbidden' || reason === 'server-error';

/** One object of a plan. `patch` is RFC 6902 from live to planned; Secret values in it are masked. */
export interface PlannedObject {
  address: string;
  cluster: string;
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  change: Change;
  reason: Reason;
  patch: Operation[];
  /** Live values at the pointers that change, for people; not in the JSON. */
  before?: Record<string, unknown>;
  sensitive: boolean;
  unknown: UnknownAt[];
  /** What its change does to traffic; left out for nothing. */
  impact?: Impact;
  /** UID of the live object, where there is one. */
  uid?: string;
  /** Whether fields that others set may be taken back (the object is ours). */
  force: boolean;
  /** True for an object that was there before meshplan: it gets no label and is never deleted. */
  shared: boolean;
  /** Field managers that had set the object's fields, where it is taken over. */
  adoptedFrom?: string[];
  /** Whether its pods are made anew by a restart, and whether that is all that changes. */
  restart?: 'alone' | 'too';
  /** What a reader must know beyond the patch, such as what is lost while it is replaced. */
  notes?: string[];
  /** True where it must be neither deleted nor replaced (`meshplan.dev/prevent-delete`). */
  protected?: boolean;
}

export interface PlannedAction {
  id: string;
  kind: ActionKind;
  cluster: string;
  after: string[];
  change: Change;
  reason: Reason;
  purpose: string;
  notes?: string[];
  /** Where mesh.yaml declares what it is for. */
  source?: SourceRange;
  impact: Impact;
  objects: PlannedObject[];
}

export interface PlannedCluster {
  name: string;
  uid: string;
  server: string;
  version: string;
  reachable: boolean;
  error?: string;
}

/** A fenced cluster: it is not asked, so nothing more is known of it. */
export interface PlannedFence {
  name: string;
  /** RFC 3339. */
  since: string;
}

export type Summary = Record<Change, number>;

/** What a run was asked to keep to, and what came of it. */
export interface Selection {
  targets: readonly string[];
  excludes: readonly string[];
  /** Actions with changes that no target names, but that one needs. */
  included: { id: string; neededBy: string }[];
}

export interface Plan {
  formatVersion: '1';
  mesh: string;
  mode: 'apply' | 'destroy';
  /** False when a cluster, or a part of one, could not be read: the plan is then not all there is to do. */
  complete: boolean;
  /** The environment in force, where mesh.yaml declares any. */
  environment?: string;
  overlays: string[];
  clusters: PlannedCluster[];
  actions: PlannedAction[];
  drift: DriftEntry[];
  diagnostics: Diagnostic[];
  /** Findings that `spec.lint.waivers` keeps back; left out where there are none. */
  waived?: WaivedFinding[];
  summary: Summary;
  /** Set where the plan was asked for only in part; the rest stands in it as `not-selected`. */
  selection?: Selection;
  /** Clusters that this run gives up, with what stays in them. */
  abandoned?: AbandonedCluster[];
  /** Clusters that are declared and take no part; left out where there are none. */
  fenced?: PlannedFence[];
}
