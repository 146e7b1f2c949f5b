import { MeshplanError } from '../../errors/index.js';
import type { Cluster, KubeObject } from '../../model/kube.js';
import { ROLLOUT_VERSIONS, type RolloutTarget } from '../../model/rollout.js';
import { eventsAbout, warningsFirst, withEvent } from '../events.js';
import { objectPath } from '../paths.js';
import type { Look, Pending } from '../poll.js';
import { getObject } from '../read.js';
import { childrenOf, newestFirst, PODS, REPLICA_SETS } from './children.js';
import { type PodEvent, type Reason, reasonOf, refusalOf } from './pod-reason.js';
import { progressOf, refusalIn } from './progress.js';

/** A rollout that is over. `note`: what of it is not waited for, and why. */
export interface RolloutEnd {
  note?: string;
}

/**
 * Looks whether a rollout is complete, again and again. What has failed for good ends the wait at once; a progress
 * deadline that had passed before the first look does not, for what this run changed elsewhere may be the mend.
 * @throws MeshplanError `rollout-failed`, from the looks
 */
export function rolloutLooker(target: RolloutTarget, cluster: Cluster): () => Promise<Look<RolloutEnd>> {
  let known: string | undefined;
  let isFirst = true;
  return async () => {
    const live = await getObject(cluster, pathOf(target));
    if (!live) return { pending: `${nameOf(target)} does not exist` };
    const progress = progressOf(live);
    if (isFirst && progress.type === 'failed') known = progress.since;
    isFirst = false;
    if (progress.type === 'done') return { value: progress.note ? { note: progress.note } : {} };
    const pods = target.kind === 'Pod' ? [live] : await childrenOf(live, PODS, cluster);
    const { what, type } = progress;
    if (type === 'waiting' || (progress.since && progress.since === known))
      return pendingBecause(what, live, pods, cluster);
    const worst = worstOf(pods);
    throw new MeshplanError(
      'rollout-failed',
      `${nameOf(target)} in ${cluster.name}: ${textOf(what, worst?.reason).pending}`,
      { hint: [progress.hint, worst?.reason.hint].filter(Boolean).join(' ') },
    );
  };
}

const nameOf = ({ kind, namespace, name }: RolloutTarget) => `${kind} ${namespace}/${name}`;

function pathOf({ kind, namespace, name }: RolloutTarget): string {
  const plural = `${kind.toLowerCase()}s`;
  return objectPath(
    { apiVersion: ROLLOUT_VERSIONS[kind], kind, plural, namespaced: true, verbs: [] },
    name,
    namespace,
  );
}

/** Reads one Deployment, StatefulSet, DaemonSet, Job or Pod. */
export const readRollout = (target: RolloutTarget, cluster: Cluster): Promise<KubeObject | undefined> =>
  getObject(cluster, pathOf(target));

interface Troubled {
  pod: KubeObject;
  reason: Reason;
}

/** The pod that tells most: one that does not pass by itself, and of those the newest. */
function worstOf(pods: readonly KubeObject[]): Troubled | undefined {
  const told = newestFirst(pods).flatMap((pod): Troubled[] => {
    const reason = pod.metadata.deletionTimestamp ? undefined : reasonOf(pod);
    return reason ? [{ pod, reason }] : [];
  });
  return told.find(({ reason }) => !reason.passing) ?? told[0];
}

function pendingBecause(what: string, live: KubeObject, pods: KubeObject[], cluster: Cluster): Pending {
  const worst = worstOf(pods);
  const refusal = refusalIn(live);
  const reason = refusal && (!worst || worst.reason.passing) ? refusalOf(refusal) : worst?.reason;
  const text = textOf(what, reason ?? (pods.length === 0 ? { text: 'no pod yet' } : undefined));
  if (reason && !reason.passing) return text;
  return { ...text, explain: () => explain(what, text, live, worst?.pod, cluster) };
}

const textOf = (what: string, reason: Reason | undefined): Pick<Pending, 'pending' | 'hint'> => ({
  pending: reason ? `${what} (${reason.text})` : what,
  ...(reason?.hint ? { hint: reason.hint } : {}),
});

/** What the Events add where the status says nothing, or only what every pod goes through. */
async function explain(
  what: string,
  { pending }: Pick<Pending, 'pending'>,
  live: KubeObject,
  pod: KubeObject | undefined,
  cluster: Cluster,
): Promise<Pick<Pending, 'pending' | 'hint'>> {
  if (pod) {
    const events = await eventsAbout(cluster, [pod]);
    const reason = reasonOf(pod, events);
    if (!reason?.passing || reason.text !== reasonOf(pod)?.text) return textOf(what, reason);
    return { pending: withEvent(pending, events.filter(isWord)) };
  }
  const sets =
    live.kind === 'Deployment' ? newestFirst(await childrenOf(live, REPLICA_SETS, cluster)).slice(0, 1) : [];
  const events = warningsFirst(await eventsAbout(cluster, [live, ...sets]));
  const [last] = events;
  if (last?.reason === 'FailedCreate' && last.message) return textOf(what, refusalOf(last.message));
  return { pending: withEvent(pending, events) };
}

/** That a pod came to a node and its containers began tells nothing. */
const isWord = ({ type, reason }: PodEvent) => type === 'Warning' || reason === 'Pulling';
