import pLimit from 'p-limit';
import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import type { DesiredObject } from '../model/action.js';
import { isCrd } from '../model/crd.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import {
  type ApiResource,
  addressOf,
  type Cluster,
  type KubeObject,
  type ObjectRef,
  parseAddress,
  refOf,
} from '../model/kube.js';
import { MESH_LABEL } from '../model/names.js';
import type { Adopts } from '../model/request.js';
import { isOurs, type KnownObjects } from './ours.js';
import { predict } from './predict.js';
import { rehearse } from './rehearse.js';

/** What is known of one desired object against its live cluster. */
export type Observation =
  /** Not there, or on its way out (with this UID); nothing else stops it from being created. */
  | { type: 'absent'; terminating?: string }
  /** There; `predicted` is what the server would make of it (dry-run of a server-side apply;
   * with `overwrite`, of a merge patch, for lists that an apply cannot mend). */
  | ({ type: 'present'; predicted: KubeObject; overwrite?: boolean } & Found)
  /** There, but what will be cannot be told yet: a value is unknown or an admission webhook is down. */
  | ({ type: 'unpredictable'; why: string } & Found)
  /** There, never ours, and others own fields that are declared. */
  | { type: 'conflict'; live: KubeObject; causes: { field: string; message: string }[] }
  /** There and ours, but a declared change is of a field that can only be set at creation. */
  | { type: 'immutable'; live: KubeObject; message: string; fields: string[]; adoptedFrom?: string[] }
  /** The object is refused. With `declared` it is wrong as it is written, whatever the cluster. */
  | { type: 'invalid'; message: string; declared: boolean }
  | { type: 'unreachable' };

/** A live object and how meshplan stands to it. */
export interface Found {
  live: KubeObject;
  /** Ours, or taken over by this run. */
  ours: boolean;
  /** Who made it, where this run takes it over. */
  adoptedFrom?: string[];
}

export interface Observations {
  /** By address. */
  objects: Map<string, Observation>;
  /** Everything in the clusters that is ours, by address, declared or not. */
  ours: Map<string, OwnedObject>;
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
  const observations: Observations = { objects: new Map(), ours: new Map() };
  await Promise.all(
    Object.entries(input.facts.clusters).map(async ([name, facts]) => {
      const desired = input.objects.filter((item) => item.cluster === name);
      const cluster = input.clusters.get(name);
      if (!facts.reachable || !cluster) {
        for (const { object } of desired) {
          observations.objects.set(addressOf(refOf(name, object)), { type: 'unreachable' });
        }
        return;
      }
      const kinds = [
        ...desired.map((item) => item.object),
        ...(input.extraKinds ?? []).filter((kind) => kind.cluster === name),
      ];
      const live = await listOurs({ ...input, cluster, facts, kinds });
      for (const [address, owned] of live) observations.ours.set(address, owned);
      await observeCluster(cluster, facts, desired, live, input, observations.objects);
    }),
  );
  return observations;
}

async function observeCluster(
  cluster: Cluster,
  facts: ReachableCluster,
  desired: DesiredObject[],
  live: Map<string, OwnedObject>,
  input: { mesh: string; known: KnownObjects; adopts?: Adopts | undefined },
  into: Map<string, Observation>,
): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  await Promise.all(
    desired.map(({ object }) =>
      limit(async () => {
        const address = addressOf(refOf(cluster.name, object));
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
        into.set(
          address,
          await predict({
            cluster,
            resource,
            object,
            live: found,
            ours,
            mesh,
            address,
            ...(adopts ? { adopts } : {}),
          }),
        );
      }),
    ),
  );
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

/** Everything of the given kinds in a cluster that is ours, by address. */
export async function listOurs(input: {
  cluster: Cluster;
  facts: ReachableCluster;
  mesh: string;
  known: KnownObjects;
  kinds: { apiVersion: string; kind: string }[];
}): Promise<Map<string, OwnedObject>> {
  const { cluster, facts, mesh } = input;
  const resources = new Set(
    input.kinds.map((kind) => resourceFor(facts.resources, kind)).filter((item) => item !== undefined),
  );
  const owned = new Map<string, OwnedObject>();
  const keep = (object: KubeObject, resource: ApiResource) => {
    const address = addressOf(refOf(cluster.name, object));
    if (isOurs(object, address, mesh, input.known))
      owned.set(address, { cluster: cluster.name, object, resource });
  };
  await Promise.all(
    [...resources].map(async (resource) => {
      if (resource.kind === 'Namespace' && resource.apiVersion === 'v1') {
        for (const namespace of facts.namespaces.values()) keep(namespace, resource);
        return;
      }
      const labelSelector = `${MESH_LABEL}=${mesh}`;
      for (const object of await listObjects(cluster, resource, { labelSelector })) keep(object, resource);
    }),
  );
  await Promise.all(
    strayAddresses(input, owned).map(async ({ ref, resource }) => {
      const object = await getObject(cluster, objectPath(resource, ref.name, ref.namespace));
      if (object) keep(object, resource);
    }),
  );
  return owned;
}

/** What the state knows and the listing did not bring: somebody may have taken the label off. */
function strayAddresses(
  { cluster, facts, known }: { cluster: Cluster; facts: ReachableCluster; known: KnownObjects },
  owned: Map<string, OwnedObject>,
): { ref: ObjectRef; resource: ApiResource }[] {
  return [...known.keys()].flatMap((address) => {
    const ref = owned.has(address) ? undefined : parseAddress(address);
    const resource = ref && resourceFor(facts.resources, ref);
    if (!ref || !resource || ref.cluster !== cluster.name || ref.kind === 'Namespace') return [];
    const isHomeless = ref.namespace !== undefined && !facts.namespaces.has(ref.namespace);
    return isHomeless ? [] : [{ ref, resource }];
  });
}
