import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import type { ReachableCluster } from '../model/facts.js';
import {
  type ApiResource,
  addressOf,
  type Cluster,
  type KubeObject,
  type ObjectRef,
  parseAddress,
  refOf,
  type Unread,
  unreadOf,
} from '../model/kube.js';
import { MESH_LABEL } from '../model/names.js';
import { isKeptSlice } from './left-endpoints.js';
import type { OwnedObject } from './observe.js';
import { isOurs, type KnownObjects } from './ours.js';

interface ListInput {
  cluster: Cluster;
  facts: ReachableCluster;
  mesh: string;
  known: KnownObjects;
  kinds: { apiVersion: string; kind: string }[];
}

/** What is ours in a cluster, by address, and the kinds and objects that the server does not show. */
export interface OursReading {
  owned: Map<string, OwnedObject>;
  /** EndpointSlices of the Service istiod that controllers made: they copy the labels of a Service. */
  slices: OwnedObject[];
  unread: Unread[];
}

/**
 * Everything of the given kinds in a cluster that is ours. A kind that may not be listed is left out and told.
 * @throws UnreachableError, ApiError where the cluster as a whole does not answer.
 */
export async function listOurs(input: ListInput): Promise<OursReading> {
  const { cluster, facts, mesh } = input;
  const reading: OursReading = { owned: new Map(), slices: [], unread: [...facts.unread] };
  const resources = new Set(
    input.kinds.map((kind) => resourceFor(facts.resources, kind)).filter((item) => item !== undefined),
  );
  const keep = (object: KubeObject, resource: ApiResource) => {
    const address = addressOf(refOf(cluster.name, object));
    const found = { cluster: cluster.name, object, resource };
    if (isOurs(object, address, mesh, input.known)) reading.owned.set(address, found);
    else if (isKeptSlice(object)) reading.slices.push(found);
  };
  await Promise.all(
    [...resources].map(async (resource) => {
      if (resource.kind === 'Namespace' && resource.apiVersion === 'v1') {
        for (const namespace of facts.namespaces.values()) keep(namespace, resource);
        return;
      }
      const { apiVersion, kind } = resource;
      const found = await orUnread({ cluster: cluster.name, apiVersion, kind }, reading.unread, () =>
        listObjects(cluster, resource, { labelSelector: `${MESH_LABEL}=${mesh}` }),
      );
      for (const object of found ?? []) keep(object, resource);
    }),
  );
  await Promise.all(
    strayAddresses(input, reading).map(async ({ ref, resource }) => {
      const object = await orUnread(ref, reading.unread, () =>
        getObject(cluster, objectPath(resource, ref.name, ref.namespace)),
      );
      if (object) keep(object, resource);
    }),
  );
  return reading;
}

/** What the state knows and the listing did not bring: somebody may have taken the label off. */
function strayAddresses(
  { cluster, facts, known }: ListInput,
  { owned, unread }: OursReading,
): { ref: ObjectRef; resource: ApiResource }[] {
  return [...known.keys()].flatMap((address) => {
    const ref = owned.has(address) ? undefined : parseAddress(address);
    const resource = ref && resourceFor(facts.resources, ref);
    if (!ref || !resource || ref.cluster !== cluster.name || ref.kind === 'Namespace') return [];
    const isHomeless = ref.namespace !== undefined && !facts.namespaces.has(ref.namespace);
    return isHomeless || unreadOf(unread, ref) ? [] : [{ ref, resource }];
  });
}
