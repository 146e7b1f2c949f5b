import { listObjects } from '../cluster/read.js';
import { PODS } from '../cluster/rollout/children.js';
import { orUnread } from '../cluster/unread.js';
import { foreignOwner } from '../diff/ownership.js';
import { isEqual } from '../diff/patch.js';
import { MeshplanError, messageOf } from '../errors/index.js';
import type { DesiredObject } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import { hasSidecar, INJECTION_LABELS, isInjectable } from '../model/injection.js';
import { addressOf, type Cluster, type KubeObject, refOf, type Unread } from '../model/kube.js';
import { FIELD_MANAGER, RESTARTED_ANNOTATION, RESTARTED_POINTER } from '../model/names.js';
import { templateOf } from '../model/pod-template.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import type { Observation } from './observe.js';

/** Pods of one declared workload that should have a sidecar and have none. */
export interface BarePods {
  /** How many have none, and how many there are. */
  count: number;
  of: number;
  /** Why a restart would not help: the end of a sentence, and what to do instead. */
  obstacle?: { why: string; hint: string };
}

export interface BareReading {
  /** By address of the workload; those in order are left out. */
  pods: Map<string, BarePods>;
  unread: Unread[];
}

/** A declared workload whose live pods are to have a sidecar. */
interface Candidate {
  cluster: string;
  namespace: string;
  address: string;
  declared: KubeObject;
  live: KubeObject;
}

/**
 * Looks for pods that are older than injection. Asked are only namespaces with injection in which a declared
 * workload is live and is not rolled out anyway: one list for each, of pods without the label that injected ones
 * carry, so that a mesh in order sends nothing.
 */
export async function observeSidecars(input: {
  mesh: ResolvedMesh;
  objects: readonly DesiredObject[];
  observations: ReadonlyMap<string, Observation>;
  facts: Facts;
  clusters: ReadonlyMap<string, Cluster>;
}): Promise<BareReading> {
  const reading: BareReading = { pods: new Map(), unread: [] };
  const places = new Map<string, Candidate[]>();
  for (const candidate of candidatesOf(input)) {
    const key = `${candidate.cluster} ${candidate.namespace}`;
    places.set(key, [...(places.get(key) ?? []), candidate]);
  }
  await Promise.all(
    [...places.values()].map(async (candidates) => {
      const [{ cluster: name, namespace } = { cluster: '', namespace: '' }] = candidates;
      const cluster = input.clusters.get(name);
      const facts = input.facts.clusters[name];
      if (!cluster || !facts?.reachable) return;
      const pods = await listBare(cluster, namespace, reading.unread);
      for (const candidate of candidates) {
        const count = barePodsOf(candidate.live, pods).length;
        if (count === 0) continue;
        const { declared, live } = candidate;
        const obstacle = obstacleOf(declared, live, facts.namespaces.get(namespace));
        const bare = { count, of: Math.max(count, podCountOf(candidate.live)) };
        reading.pods.set(candidate.address, { ...bare, ...(obstacle ? { obstacle } : {}) });
      }
    }),
  );
  return reading;
}

const KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function candidatesOf(input: {
  mesh: ResolvedMesh;
  objects: readonly DesiredObject[];
  observations: ReadonlyMap<string, Observation>;
}): Candidate[] {
  const injected = new Set(
    input.mesh.namespaces
      .filter(({ injection }) => injection)
      .flatMap(({ name, clusters }) => clusters.map((cluster) => `${cluster} ${name}`)),
  );
  return input.objects.flatMap(({ cluster, object: declared }) => {
    const { namespace = '' } = declared.metadata;
    const address = addressOf(refOf(cluster, declared));
    const seen = input.observations.get(address);
    const isWorkload = declared.apiVersion === 'apps/v1' && KINDS.has(declared.kind);
    if (!isWorkload || seen?.type !== 'present' || !injected.has(`${cluster} ${namespace}`)) return [];
    const [now, next] = [templateOf(seen.live), templateOf(seen.predicted)];
    // A rollout replaces the pods anyway.
    if (!isInjectable(next ?? {}) || !isEqual(now, next)) return [];
    return [{ cluster, namespace, address, declared, live: seen.live }];
  });
}

/** Pods of a namespace that injection has not touched. */
async function listBare(cluster: Cluster, namespace: string, unread: Unread[]): Promise<KubeObject[]> {
  const what = { cluster: cluster.name, apiVersion: 'v1', kind: 'Pod' };
  try {
    const found = await orUnread(what, unread, () => listBarePods(cluster, namespace));
    return found ?? [];
  } catch (error) {
    if (!(error instanceof MeshplanError)) throw error;
    unread.push({ ...what, reason: 'server-error', message: messageOf(error) });
    return [];
  }
}

/** Lists pods without the label that Istio's injection templates set. */
export const listBarePods = (cluster: Cluster, namespace: string): Promise<KubeObject[]> =>
  listObjects(cluster, PODS, { namespace, labelSelector: '!security.istio.io/tlsMode' });

/** Those of a workload's pods that have no sidecar, and would not go by themselves. */
export function barePodsOf(workload: KubeObject, pods: readonly KubeObject[]): KubeObject[] {
  const restartedAt = templateOf(workload)?.metadata?.annotations?.[RESTARTED_ANNOTATION];
  return pods.filter((pod) => {
    const { phase } = (pod.status ?? {}) as { phase?: string };
    const isOver = pod.metadata.deletionTimestamp || phase === 'Succeeded' || phase === 'Failed';
    // Pods of before the last restart are on their way out.
    const isCurrent = pod.metadata.annotations?.[RESTARTED_ANNOTATION] === restartedAt;
    return !isOver && isCurrent && isPodOf(workload, pod) && !hasSidecar(pod);
  });
}

/** By the name of its owner: a ReplicaSet is called like its Deployment and the hash of its template. */
function isPodOf({ kind, metadata: { name, uid } }: KubeObject, { metadata }: KubeObject): boolean {
  const owners = (metadata.ownerReferences ?? []) as { kind: string; name: string; uid: string }[];
  const set = `${name}-${metadata.labels?.['pod-template-hash']}`;
  return owners.some((owner) =>
    kind === 'Deployment' ? owner.kind === 'ReplicaSet' && owner.name === set : owner.uid === uid,
  );
}

function podCountOf({ status }: KubeObject): number {
  const { replicas = 0, currentNumberScheduled = 0 } = (status ?? {}) as Record<string, number>;
  return Math.max(replicas, currentNumberScheduled);
}

/** Why a restart of a workload would not bring its pods a sidecar; undefined where it would. */
export function obstacleOf(
  declared: KubeObject,
  live: KubeObject,
  namespace: KubeObject | undefined,
): BarePods['obstacle'] {
  const { paused, updateStrategy } = live.spec as { paused?: boolean; updateStrategy?: { type?: string } };
  if (paused) return { why: 'it is paused', hint: 'Take spec.paused off.' };
  if (updateStrategy?.type === 'OnDelete')
    return {
      why: 'its updateStrategy is OnDelete',
      hint: 'Delete its pods one by one; those that come get a sidecar.',
    };
  if (templateOf(declared)?.metadata?.annotations?.[RESTARTED_ANNOTATION] !== undefined)
    return { why: `its manifest sets ${RESTARTED_ANNOTATION}`, hint: 'Write the time of now there.' };
  const restart = foreignOwner(live, RESTARTED_POINTER, '');
  const since = injectedSince(namespace);
  if (restart?.manager !== FIELD_MANAGER || !since || (restart.time ?? '') < since) return undefined;
  return {
    why: `meshplan restarted it at ${restart.time}, and that was in vain`,
    hint: `Ask why it is not injected: istioctl experimental check-inject -n ${live.metadata.namespace} ${live.kind.toLowerCase()}/${live.metadata.name}. Once that is mended, restart it by hand.`,
  };
}

/** When the namespace got its injection label last, by the clock of its API server. */
function injectedSince(namespace: KubeObject | undefined): string | undefined {
  const label = INJECTION_LABELS.find((name) => namespace?.metadata.labels?.[name] !== undefined);
  if (!namespace || !label) return undefined;
  return foreignOwner(namespace, `/metadata/labels/${label.replace('/', '~1')}`, '')?.time;
}
