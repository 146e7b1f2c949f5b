import { isUnread } from '../model/plan.js';
import type { PlanRequest } from '../model/request.js';
import type { PlanJson } from '../plan/plan-json.js';

/** A plan in a file: what was shown, what it was made of, and what must still hold when it is applied. */
export interface SavedPlan {
  formatVersion: '1';
  /** Over the canonical JSON of all other fields. */
  digest: string;
  plan: PlanJson;
  /** What the run that made the plan was asked beyond the declaration. */
  request: PlanRequest;
  inputs: PlanInputs;
  state: BaseState;
  /** SHA-256 of the mesh's root certificate, where there was one. */
  root?: string;
  /** What mesh.yaml, manifests and istioctl came to: a digest for each part, by address. */
  declaration: Record<string, string>;
  /** By address: the live object that a change was planned from. */
  basis: Record<string, Basis>;
}

/** Where the declaration was, relative to the folder that the plan was made in: it holds in any checkout. */
export interface PlanInputs {
  /** Left out where a path leads out of that folder and so names this machine. */
  file?: string;
  overlays: string[];
  state?: string;
  env?: string;
}

/** The state that the plan was made with. `lineage` is left out where none had been saved yet. */
export interface BaseState {
  lineage?: string;
  serial: number;
}

/** One live object as it was. Of a Secret, its UID and version only; of what is deleted, often its UID alone. */
export interface Basis {
  uid: string;
  resourceVersion?: string;
  /** Live values at the pointers that change; at `''` the whole object, where the change is decided later. */
  fields?: Record<string, unknown>;
}

export type SavedAction = PlanJson['actions'][number];
export type SavedObject = SavedAction['objects'][number];

/** Whether an apply of the plan does anything of this action. */
export const isPlanned = ({ change, reason }: Pick<SavedAction, 'change' | 'reason'>): boolean =>
  change !== 'noop' && change !== 'blocked' && !isUnread(reason);
