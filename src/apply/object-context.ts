import type { Facts } from '../model/facts.js';
import type { Cluster } from '../model/kube.js';
import type { PlannedObject } from '../model/plan.js';
import type { Bounds } from './bounds.js';

/** What writing and deleting objects needs of the run that it is part of. */
export interface ObjectContext {
  clusters: Map<string, Cluster>;
  facts: () => Facts;
  /** Told as soon as the server has taken an object, before anything else happens. */
  onApplied: (planned: PlannedObject, uid: string) => Promise<void>;
  onDeleted: (planned: PlannedObject) => Promise<void>;
  /** Told once our fields are off an object that stays. */
  onReleased: (planned: PlannedObject) => Promise<void>;
  /** Whether the action came after CRDs, so that a kind or a version may still come to be served. */
  awaitsKinds: boolean;
  bounds: Bounds;
}

/** Below the sockets of one cluster, so that one big action leaves room for the others. */
export const CONCURRENCY = 6;

/** Lets every write end before the first failure is told, so that each UID is recorded. */
export async function settleAll(work: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
