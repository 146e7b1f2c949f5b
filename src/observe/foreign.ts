import { listObjects } from '../cluster/read.js';
import { MeshplanError } from '../errors/index.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { ISTIO_NAMESPACE, TRAFFIC_LABEL, wasAdopted } from '../model/names.js';
import { isLock } from './leader-lock.js';
import type { OwnedObject } from './observe.js';

/**
 * For Namespaces and CRDs of ours that are to go: what of others they hold, by address. Both would take
 * their content with them.
 */
export async function observeForeign(input: {
  orphans: readonly (readonly [string, OwnedObject])[];
  ours: Map<string, OwnedObject>;
  facts: Facts;
  clusters: Map<string, Cluster>;
}): Promise<Map<string, string[]>> {
  const foreign = new Map<string, string[]>();
  await Promise.all(
    input.orphans.map(async ([address, owned]) => {
      const cluster = input.clusters.get(owned.cluster);
      const facts = input.facts.clusters[owned.cluster];
      if (!cluster || !facts?.reachable) return;
      const found = await foreignIn(cluster, facts, owned.object, input.ours).catch(notSeen);
      if (found.length > 0) foreign.set(address, found);
    }),
  );
  return foreign;
}

/** What cannot be looked into may hold anything, so that it stays. */
function notSeen(error: unknown): string[] {
  if (!(error instanceof MeshplanError)) throw error;
  return [`what cannot be listed (${error.message})`];
}

async function foreignIn(
  cluster: Cluster,
  facts: ReachableCluster,
  object: KubeObject,
  ours: Map<string, OwnedObject>,
): Promise<string[]> {
  // A Namespace that was there before is not deleted, whatever it holds.
  if (object.kind === 'Namespace' && wasAdopted(object)) return [];
  if (object.kind === 'Namespace') return foreignInNamespace(cluster, facts, object.metadata.name, ours);
  return object.kind === 'CustomResourceDefinition' ? foreignOfCrd(cluster, facts, object, ours) : [];
}

/** Objects in a namespace that neither we nor a controller made. */
export async function foreignInNamespace(
  cluster: Cluster,
  facts: ReachableCluster,
  namespace: string,
  ours: Map<string, OwnedObject>,
): Promise<string[]> {
  const listable = facts.resources.filter(
    (resource) => resource.namespaced && resource.verbs.includes('list') && resource.verbs.includes('delete'),
  );
  // A group may serve the same objects in several versions; one is enough.
  const resources = [...new Map(listable.map((item) => [`${groupOf(item)}/${item.plural}`, item])).values()];
  const uids = uidsOf(ours);
  const found = await Promise.all(
    resources.map((resource) => listObjects(cluster, resource, { namespace, metadataOnly: true })),
  );
  const names = found
    .flat()
    .filter((object) => !uids.has(object.metadata.uid) && !isMadeByController(object));
  return [...new Set(names.map((object) => `${object.kind}/${object.metadata.name}`))];
}

const groupOf = ({ apiVersion }: ApiResource) => apiVersion.split('/').at(-2) ?? '';

const uidsOf = (ours: Map<string, OwnedObject>) =>
  new Set([...ours.values()].map((owned) => owned.object.metadata.uid));

const CONTROLLER_MADE = new Set([
  'ServiceAccount/default',
  'ConfigMap/kube-root-ca.crt',
  'ConfigMap/istio-ca-root-cert',
  'ConfigMap/istio-ca-crl',
]);
const CONTROLLER_KINDS = new Set(['Event', 'Endpoints', 'Lease', 'PodMetrics']);
/** Set by whichever controller keeps an EndpointSlice; one that a user wrote may lack it. */
const SLICE_KEEPER = 'endpointslice.kubernetes.io/managed-by';

function isMadeByController(object: KubeObject): boolean {
  const { ownerReferences, labels, annotations, name, namespace } =
    object.metadata as KubeObject['metadata'] & {
      ownerReferences?: unknown[];
    };
  if (ownerReferences && ownerReferences.length > 0) return true;
  if (object.kind === 'EndpointSlice' && labels?.[SLICE_KEEPER]) return true;
  if (CONTROLLER_KINDS.has(object.kind) || CONTROLLER_MADE.has(`${object.kind}/${name}`)) return true;
  // istiod's leader locks and what it keeps for itself.
  if (
    namespace === ISTIO_NAMESPACE &&
    object.kind === 'ConfigMap' &&
    (labels?.['istio.io/config'] || isLock(name, annotations))
  ) {
    return true;
  }
  return object.kind === 'Secret' && name === 'istio-ca-secret';
}

/** Custom resources of others, which would vanish with the CRD; but what a killed test left may. */
async function foreignOfCrd(
  cluster: Cluster,
  facts: ReachableCluster,
  crd: KubeObject,
  ours: Map<string, OwnedObject>,
): Promise<string[]> {
  const { group, names } = crd.spec as { group: string; names: { kind: string } };
  const resource = facts.resources.find(
    (item) => item.kind === names.kind && item.apiVersion.startsWith(`${group}/`),
  );
  if (!resource) return [];
  const objects = await listObjects(cluster, resource, { metadataOnly: true });
  const uids = uidsOf(ours);
  return objects
    .filter(({ metadata }) => !uids.has(metadata.uid) && metadata.labels?.[TRAFFIC_LABEL] === undefined)
    .map(({ metadata }) => [metadata.namespace, metadata.name].filter(Boolean).join('/'));
}
