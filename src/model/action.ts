import type { SourceRange } from './diagnostic.js';
import type { KubeObject } from './kube.js';
import type { RolloutTarget } from './rollout.js';

/** Every kind of action, in the order in which a mesh comes to be. Documented in docs/plan.md. */
export const ACTION_KINDS = [
  'root-ca',
  'namespace',
  'crds',
  'trust',
  'exposure',
  'address',
  'control-plane',
  'data-plane',
  'reader-token',
  'federation',
  'workload',
  'callable-service',
  'traffic',
  'monitoring',
  'kiali-access',
  'kiali',
  'removal',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** What an action does to traffic, from nothing to the worst. */
export const IMPACTS = [
  'none',
  'new-pods',
  'control-plane-restart',
  'proxies-reconnect',
  'mtls-risk',
] as const;
export type Impact = (typeof IMPACTS)[number];

/** The pseudo cluster of actions that touch no cluster, such as making the root key. */
export const MESH_WIDE = 'mesh';

/** One object that must be in one cluster. `object` may hold `Unknown` values. */
export interface DesiredObject {
  cluster: string;
  object: KubeObject;
  /** Where a manifest declares it; left out for what meshplan or istioctl makes. */
  source?: SourceRange;
  /** Where one of its fields is written, as API servers name it. */
  fieldAt?(field: string): SourceRange | undefined;
  /** Whether its pods may be made anew, so that they get a sidecar. */
  restart?: boolean;
  /** What must hold before a live object is changed to this; what is not there yet is made at once. */
  gate?: Wait;
  /** A moment (RFC 3339) since which it must have been made; an older one is replaced. */
  madeSince?: string;
}

/** What an action does beyond its objects; each yields facts that later actions need. */
export type Effect =
  | { type: 'ensure-root' }
  | { type: 'issue-intermediate'; cluster: string }
  | { type: 'await-address'; cluster: string }
  | {
      type: 'await-token';
      cluster: string;
      /** Who reads the cluster by it. */
      reader: 'istiod' | 'kiali';
      secret: { namespace: string; name: string };
    };

/** A condition that must hold before the dependents of an action may start. */
export type Wait =
  | { type: 'crds-established'; cluster: string; names: string[] }
  | ({ type: 'rollout'; cluster: string } & RolloutTarget)
  | { type: 'injector-trusted'; cluster: string }
  | { type: 'root-distributed'; cluster: string; namespace: string };

/** A node of the graph: objects of one concern in one cluster, and what must come before. */
export interface DesiredAction {
  id: string;
  kind: ActionKind;
  cluster: string;
  /** Ids of the actions that must be done first. */
  after: string[];
  /** Why it is there, for a reader of the plan. */
  purpose: string;
  /** Where mesh.yaml declares what it is for; left out for what belongs to the mesh as a whole. */
  source?: SourceRange;
  /** What meshplan decided beyond the words of mesh.yaml, for a reader of the plan. */
  notes?: string[];
  objects: DesiredObject[];
  effect?: Effect;
  /** What must hold before the objects are applied, beyond the actions in `after` being done. */
  gates?: Wait[];
  waits: Wait[];
}
