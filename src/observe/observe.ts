import pLimit from 'p-limit';
import { resourceFor } from '../cluster/paths.js';
import { MeshplanError } from '../errors/index.js';
import type { DesiredObject } from '../model/action.js';
import { isCrd } from '../model/crd.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import {
  type ApiResource,
  addressOf,
  type Cluster,
  type KubeObject,
  refOf,
  type Unread,
  unreadOf,
} from '../model/kube.js';
import type { Adopts } from '../model/request.js';
import { leftEndpoints } from './left-endpoints.js';
import { listOurs } from './list-ours.js';
import { isOurs, type KnownObjects } from './ours.js';
import { predict } from './predict.js';
import { rehearse } from './rehearse.js';

/** What is known of one desired object against its live cluster. */
export type Observation =
  /** Not there, or on its way out (with this UID); nothing else stops it from being created. */
  | { type: 'absent'; terminating?: string }
  /** There; `predicted` is what the server would make of it (dry-run of a server-side apply;
   * with `overwrite`, of a merge patch, for lists that an apply cannot mend; `dropped`: labels of others
   * that are taken out after it). */
  | ({ type: 'present'; predicted: KubeObject; overwrite?: boolean; dropped?: string[] } & Found)
  /** There, but what will be cannot be told yet: a value is unknown or an admission webhook is down. */
  | ({ type: 'unpredictable'; why: string } & Found)
  /** There, never ours, and others own fields that are declared, or it is of another mesh as a whole. */
  | { type: 'conflict'; live: KubeObject; otherMesh?: string; causes: { field: string; message: string }[] }
  /** There and ours, but a declared change is of a field that can only be set at creation. */
  | { type: 'immutable'; live: KubeObject; message: string; fields: string[]; adoptedFrom?: string[] }
  /** The object is refused. With `declared` it is wrong as it is written, whatever the cluster. */
  | { type: 'invalid'; message: string; declared: boolean }
  /** Its kind cannot be read, or not be asked about. */
  | ({ type: 'unread' } & Pick<Unread, 'reason' | 'message'>)
  | { type: 'unreachable' };

/** A live object and how meshplan stands to it. */
export interface Found {
  live: KubeObject;
  /** Ours, or taken over by this run. */
  ours: boolean;
  /** Who made it, where this run takes it over. */
  adoptedFrom?: string[];
  /** A Deployment whose replicas an autoscaler decides. */
  autoscaled?: boolean;
}

export interface Observations {
  /** By address. */
  objects: Map<string, Observation>;
  /** Everything in the clusters that is ours, by address, declared or not. */
  ours: Map<string, OwnedObject>;
  /** What controllers made for the Service istiod of a former primary, by address: nobody else removes it. */
  left: Map<string, OwnedObject>;
  /** Parts of clusters that could not be read. */
  unread: Unread[];
  /** Cluster → why it stopped answering while it was read. */
  lost: Map<string, MeshplanError>;
}

export interface OwnedObject {
  cluster: string;
  object: KubeObject;
  resource: ApiResource;
}

/** Enough to keep a server busy; the agent's sockets are the real bound. */
const CONCURRENCY = 32;

/**
 * Compares desired objects with live ones: one labelled listing per kind, then one dry-run per object
 * whose namespace and kind exist. Clusters are read in parallel.
 */
export async function observe(input: {
  mesh: string;
  objects: DesiredObject[];
  facts: Facts;
  clusters: Map<string, Cluster>;
  known: KnownObjects;
  /** What this run takes over; without it nothing. */
  adopts?: Adopts | undefined;
  /** Kinds to look through for objects of ours that are no longer declared. */
  extraKinds?: { cluster: string; apiVersion: string; kind: string }[];
}): Promise<Observations> {
  const observations: Observations = {
    objects: new Map(),
    ours: new Map(),
    left: new Map(),
    unread: [],
    lost: new Map(),
  };
  await Promise.all(
    Object.entries(input.facts.clusters).map(async ([name, facts]) => {
      const desired = input.objects.filter((item) => item.cluster === name);
      const cluster = input.clusters.get(name);
      if (!facts.reachable || !cluster) return markUnreachable(name, desired, observations);
      const kinds = [
        ...desired.map((item) => item.object),
        ...(input.extraKinds ?? []).filter((kind) => kind.cluster === name),
      ];
      try {
        const { owned, slices, unread } = await listOurs({ ...input, cluster, facts, kinds });
        await observeCluster({ ...input, cluster, facts, desired, live: owned, unread }, observations);
        for (const [address, item] of owned) observations.ours.set(address, item);
        for (const item of await leftEndpoints(cluster, facts, { desired, slices, unread }))
          observations.left.set(addressOf(refOf(name, item.object)), item);
        observations.unread.push(...unread);
      } catch (error) {
        observations.lost.set(name, lostBecause(error));
        markUnreachable(name, desired, observations);
      }
    }),
  );
  return observations;
}

/** Half of what a cluster holds is no base for a plan, so that all of it counts as not read. */
function markUnreachable(cluster: string, desired: DesiredObject[], into: Observations): void {
  for (const { object } of desired)
    into.objects.set(addressOf(refOf(cluster, object)), { type: 'unreachable' });
}

/** What ended the reading of a cluster. @throws the error where it is a defect of ours. */
export function lostBecause(error: unknown): MeshplanError {
  if (!(error instanceof MeshplanError)) throw error;
  return error;
}

async function observeCluster(
  input: {
    cluster: Cluster;
    facts: ReachableCluster;
    desired: DesiredObject[];
    live: Map<string, OwnedObject>;
    unread: Unread[];
    mesh: string;
    known: KnownObjects;
    adopts?: Adopts | undefined;
  },
  { objects: into }: Observations,
): Promise<void> {
  const { cluster, facts, live, unread } = input;
  const limit = pLimit(CONCURRENCY);
  await Promise.all(
    input.desired.map(({ object }) =>
      limit(async () => {
        const ref = refOf(cluster.name, object);
        const address = addressOf(ref);
        const gap = unreadOf(unread, ref);
        if (gap) {
          into.set(address, { type: 'unread', reason: gap.reason, message: gap.message });
          return;
        }
        const resource = resourceFor(facts.resources, object);
        if (!resource || isUnservedCrd(object, facts)) {
          into.set(address, { type: 'absent' });
          return;
        }
        if (isHomeless(object, resource, facts)) {
          into.set(address, await rehearse(cluster, resource, object));
          return;
        }
        // Namespaces are read with the facts, so one that is not ours is known as well.
        const found =
          live.get(address)?.object ??
          (object.kind === 'Namespace' ? facts.namespaces.get(object.metadata.name) : undefined);
        const ours = found !== undefined && isOurs(found, address, input.mesh, input.known);
        const { mesh, adopts } = input;
        const seen = await predict({
          cluster,
          resource,
          object,
          live: found,
          ours,
          mesh,
          address,
          ...(adopts ? { adopts } : {}),
        });
        if (seen.type === 'unread') unread.push({ ...ref, reason: seen.reason, message: seen.message });
        into.set(address, seen);
      }),
    ),
  ).catch((error: unknown) => {
    // Each question to a server that is gone would wait for its own time limit.
    limit.clearQueue();
    throw error;
  });
}

/**
 * A CRD of Istio whose kind no server offers is not there, and as istioctl made it; asking about each
 * would cost most of a first plan.
 */
function isUnservedCrd(object: KubeObject, facts: ReachableCluster): boolean {
  if (!isCrd(object) || !object.spec.group.endsWith('.istio.io')) return false;
  const { group, names } = object.spec;
  return !facts.resources.some(
    ({ apiVersion, plural }) => plural === names.plural && apiVersion.startsWith(`${group}/`),
  );
}

/** Objects in a namespace that does not exist, or ends, cannot stay, and can only be rehearsed elsewhere. */
function isHomeless(object: KubeObject, resource: ApiResource, facts: ReachableCluster): boolean {
  const { namespace } = object.metadata;
  if (!resource.namespaced || namespace === undefined) return false;
  const home = facts.namespaces.get(namespace);
  return home === undefined || home.metadata.deletionTimestamp !== undefined;
}
