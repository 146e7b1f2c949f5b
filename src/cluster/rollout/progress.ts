import type { KubeObject } from '../../model/kube.js';
import { type RolloutKind, rolloutKindOf } from '../../model/rollout.js';

/** How far an object has come, from its own status. */
export type Progress =
  /** `note`: what is not waited for, and why. */
  | { type: 'done'; note?: string }
  | { type: 'waiting'; what: string }
  /** It does not come by itself any more. `since`: when it was found (RFC 3339); of a Job or Pod it is for good. */
  | { type: 'failed'; what: string; hint: string; since?: string };

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

interface Spec {
  replicas?: number;
  paused?: boolean;
  suspend?: boolean;
  completions?: number;
  updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
}

interface Status {
  observedGeneration?: number;
  replicas?: number;
  readyReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  desiredNumberScheduled?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  succeeded?: number;
  failed?: number;
  phase?: string;
  reason?: string;
  message?: string;
  conditions?: Condition[];
}

/**
 * Whether a rollout is complete, by the rules of `kubectl rollout status` (kubectl, rollout_status.go). What that
 * would wait for in vain is done here, with a note: pods of a paused Deployment, a suspended Job, and the pods
 * that `OnDelete` leaves as they are.
 */
export function progressOf(live: KubeObject): Progress {
  const kind = rolloutKindOf(live);
  if (kind === undefined) return { type: 'done' };
  const { generation = 0 } = live.metadata as { generation?: number };
  const status = (live.status ?? {}) as Status;
  if (kind !== 'Job' && kind !== 'Pod' && (status.observedGeneration ?? 0) < generation)
    return { type: 'waiting', what: 'the controller has not seen it yet' };
  return RULES[kind](
    (live.spec ?? {}) as Spec,
    status,
    `${kind} ${live.metadata.namespace}/${live.metadata.name}`,
  );
}

type Rule = (spec: Spec, status: Status, name: string) => Progress;

const DONE: Progress = { type: 'done' };
const RULES: Record<RolloutKind, Rule> = {
  Deployment: ofDeployment,
  StatefulSet: ofStatefulSet,
  DaemonSet: ofDaemonSet,
  Job: ofJob,
  Pod: ofPod,
};

function ofDeployment({ replicas = 1, paused }: Spec, status: Status, name: string): Progress {
  const { replicas: all = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status;
  if (updated >= replicas && available >= replicas && all <= updated) return DONE;
  if (paused) return { type: 'done', note: `${name} is paused, so its pods are not waited for` };
  const what = counts({ available, wanted: replicas, updated, old: all - updated });
  const progressing = conditionOf(status, 'Progressing');
  if (progressing?.status !== 'False' || progressing.reason !== 'ProgressDeadlineExceeded')
    return { type: 'waiting', what };
  return {
    type: 'failed',
    what: `${what}, and its progress deadline has passed`,
    hint: 'Mend what keeps the pods from becoming ready, or raise spec.progressDeadlineSeconds.',
    ...(progressing.lastTransitionTime ? { since: progressing.lastTransitionTime } : {}),
  };
}

function ofStatefulSet({ replicas = 1, updateStrategy = {} }: Spec, status: Status, name: string): Progress {
  const { updatedReplicas: updated = 0, availableReplicas: available = 0 } = status;
  const isComplete = status.updateRevision === status.currentRevision;
  const what = counts({ available, wanted: replicas, updated: isComplete ? replicas : updated, old: 0 });
  if (available < replicas) return { type: 'waiting', what };
  if (updateStrategy.type === 'OnDelete') return isComplete ? DONE : onDelete(name, replicas - updated);
  const { partition = 0 } = updateStrategy.rollingUpdate ?? {};
  if (partition > 0) {
    if (updated < replicas - partition) return { type: 'waiting', what };
    return { type: 'done', note: `${name} keeps its pods below ${partition} as they are (partition)` };
  }
  return isComplete ? DONE : { type: 'waiting', what };
}

function ofDaemonSet({ updateStrategy = {} }: Spec, status: Status, name: string): Progress {
  const { desiredNumberScheduled: wanted = 0, numberAvailable: available = 0 } = status;
  const isOnDelete = updateStrategy.type === 'OnDelete';
  const old = wanted - (status.updatedNumberScheduled ?? 0);
  if (available < wanted || (old > 0 && !isOnDelete))
    return {
      type: 'waiting',
      what: counts({ available, wanted, updated: isOnDelete ? wanted : wanted - old, old: 0 }),
    };
  if (wanted === 0) return { type: 'done', note: `${name} has no pods, for no node fits it` };
  return old > 0 ? onDelete(name, old) : DONE;
}

/** A Job that failed stays so: its controller makes no further pod. */
function ofJob({ suspend, completions = 1 }: Spec, status: Status, name: string): Progress {
  const failed = conditionOf(status, 'Failed');
  if (failed?.status === 'True')
    return {
      type: 'failed',
      what: `failed for good (${[failed.reason, failed.message].filter(Boolean).join(': ')})`,
      hint: 'Mend the cause and delete the Job: the next apply makes it anew.',
    };
  if (conditionOf(status, 'Complete')?.status === 'True') return DONE;
  if (suspend) return { type: 'done', note: `${name} is suspended, so it is not waited for` };
  const failures = status.failed ? `, ${status.failed} failed` : '';
  return { type: 'waiting', what: `${status.succeeded ?? 0} of ${completions} completed${failures}` };
}

function ofPod(_spec: Spec, status: Status): Progress {
  if (status.phase === 'Succeeded' || conditionOf(status, 'Ready')?.status === 'True') return DONE;
  if (status.phase !== 'Failed') return { type: 'waiting', what: 'it is not ready' };
  return {
    type: 'failed',
    what: `failed for good${status.reason ? ` (${status.reason}: ${status.message})` : ''}`,
    hint: 'Mend the cause and delete the Pod: the next apply makes it anew.',
  };
}

const onDelete = (name: string, old: number): Progress => ({
  type: 'done',
  note: `${name} has ${old} ${old === 1 ? 'pod' : 'pods'} of its earlier template, which ${old === 1 ? 'is' : 'are'} replaced only when somebody deletes ${old === 1 ? 'it' : 'them'} (OnDelete)`,
});

const conditionOf = ({ conditions }: Status, type: string) => conditions?.find((item) => item.type === type);

/** `2 of 3 available, 1 updated`; `old`: pods of the template before that still run. */
function counts(numbers: { available: number; wanted: number; updated: number; old: number }): string {
  const { available, wanted, updated, old } = numbers;
  const parts = [`${available} of ${wanted} available`];
  if (updated < wanted && updated < available) parts.push(`${updated} updated`);
  else if (old > 0 && available >= wanted) parts.push(`${old} of the earlier template still there`);
  return parts.join(', ');
}

/** Why the API server refuses pods of a Deployment, in its own words. */
export function refusalIn(deployment: KubeObject): string | undefined {
  const failure = conditionOf((deployment.status ?? {}) as Status, 'ReplicaFailure');
  return failure?.status === 'True' ? failure.message : undefined;
}

/** Whether pods of a Deployment are missing because the API server could not ask Istio's injector about them. */
export const isRefusedByInjector = (deployment: KubeObject): boolean =>
  INJECTOR_FAILURE.test(refusalIn(deployment) ?? '');

/** Of the API server; the names of Istio's injection webhooks end so. */
const INJECTOR_FAILURE = /failed calling webhook "\S*sidecar-injector\.istio\.io"/;
