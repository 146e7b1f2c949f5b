import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { isAppliedBy } from '../diff/ownership.js';
import type { DesiredObject } from '../model/action.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import { type ApiResource, addressOf, type Cluster, type KubeObject, refOf } from '../model/kube.js';
import { FIELD_MANAGER, ISTIO_NAMESPACE, MESH_LABEL, wasAdopted } from '../model/names.js';
import { listOurs, type OwnedObject } from './observe.js';
import type { KnownObjects } from './ours.js';

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
      const found = await foreignIn(cluster, facts, owned.object, input.ours);
      if (found.length > 0) foreign.set(address, found);
    }),
  );
  return foreign;
}

/** What stands in the way of, or goes along with, the removal of everything that is ours. */
export interface RemovalReading {
  ours: Map<string, OwnedObject>;
  /** Address of one of our Namespaces or CRDs → what of others it holds. */
  foreign: Map<string, string[]>;
  /** ConfigMaps that istiod wrote and leaves behind, by cluster; none where another istiod serves it. */
  leftovers: Map<string, KubeObject[]>;
  /** What was there before us and has fields of ours. */
  shared: { cluster: string; object: KubeObject }[];
}

interface RemovalInput {
  mesh: string;
  desired: DesiredObject[];
  facts: Facts;
  clusters: Map<string, Cluster>;
  known: KnownObjects;
  extraKinds: { cluster: string; apiVersion: string; kind: string }[];
}

/** Reads all clusters for a destroy. */
export async function observeRemoval(input: RemovalInput): Promise<RemovalReading> {
  const reading: RemovalReading = { ours: new Map(), foreign: new Map(), leftovers: new Map(), shared: [] };
  await Promise.all(
    Object.entries(input.facts.clusters).map(async ([name, facts]) => {
      const cluster = input.clusters.get(name);
      if (facts.reachable && cluster) await readOne(cluster, facts, input, reading);
    }),
  );
  return reading;
}

async function readOne(
  cluster: Cluster,
  facts: ReachableCluster,
  input: RemovalInput,
  into: RemovalReading,
): Promise<void> {
  const kinds = [
    ...input.desired.filter((item) => item.cluster === cluster.name).map((item) => item.object),
    ...input.extraKinds.filter((kind) => kind.cluster === cluster.name),
  ];
  const ours = await listOurs({ ...input, cluster, facts, kinds });
  for (const [address, owned] of ours) into.ours.set(address, owned);
  const [foreign, leftovers, shared] = await Promise.all([
    observeForeign({ orphans: [...ours], ours, facts: input.facts, clusters: input.clusters }),
    readLeftovers(cluster, facts, ours),
    readShared(cluster, facts, input.desired, ours),
  ]);
  for (const [address, found] of foreign) into.foreign.set(address, found);
  into.leftovers.set(cluster.name, leftovers);
  into.shared.push(...shared);
}

/** Objects that were there before us, and in which we own fields; those of another mesh are left alone. */
async function readShared(
  cluster: Cluster,
  facts: ReachableCluster,
  desired: DesiredObject[],
  ours: Map<string, OwnedObject>,
): Promise<{ cluster: string; object: KubeObject }[]> {
  const candidates = desired.filter(
    (item) => item.cluster === cluster.name && !ours.has(addressOf(refOf(cluster.name, item.object))),
  );
  const live = await Promise.all(candidates.map(({ object }) => readLive(cluster, facts, object)));
  return live
    .filter((object) => object !== undefined)
    .filter((object) => isAppliedBy(object, FIELD_MANAGER) && !object.metadata.labels?.[MESH_LABEL])
    .map((object) => ({ cluster: cluster.name, object }));
}

async function readLive(
  cluster: Cluster,
  facts: ReachableCluster,
  { apiVersion, kind, metadata }: KubeObject,
): Promise<KubeObject | undefined> {
  if (kind === 'Namespace') return facts.namespaces.get(metadata.name);
  const resource = resourceFor(facts.resources, { apiVersion, kind });
  const isHomeless = metadata.namespace !== undefined && !facts.namespaces.has(metadata.namespace);
  if (!resource || isHomeless) return undefined;
  return getObject(cluster, objectPath(resource, metadata.name, metadata.namespace));
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

const isLock = (name: string, annotations: Record<string, string> | undefined) =>
  name.startsWith('istio-') && annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined;

/** Custom resources of others, which would vanish with the CRD. */
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
    .filter((object) => !uids.has(object.metadata.uid))
    .map(({ metadata }) => [metadata.namespace, metadata.name].filter(Boolean).join('/'));
}

/** Names of the ConfigMaps that istiod puts into every namespace and never takes away (istio#23706). */
const ISTIOD_CONFIG_MAPS = ['istio-ca-root-cert', 'istio-ca-crl'];

/**
 * What istiod leaves in a cluster. Empty where nothing of ours is there, or where an injector that is not
 * ours shows that another istiod serves the cluster.
 */
export async function readLeftovers(
  cluster: Cluster,
  facts: ReachableCluster,
  ours: ReadonlyMap<string, OwnedObject>,
): Promise<KubeObject[]> {
  const configMaps = resourceFor(facts.resources, { apiVersion: 'v1', kind: 'ConfigMap' });
  const webhooks = resourceFor(facts.resources, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
  });
  if (!configMaps || !webhooks || ours.size === 0) return [];
  const injectors = await listObjects(cluster, webhooks, {
    labelSelector: 'app=sidecar-injector',
    metadataOnly: true,
  });
  const others = injectors.filter((object) => !ours.has(addressOf(refOf(cluster.name, object))));
  if (others.length > 0) return [];
  return listLeftovers(cluster, configMaps);
}

/** The ConfigMaps of istiod that are there now. */
export async function listLeftovers(cluster: Cluster, configMaps: ApiResource): Promise<KubeObject[]> {
  const all = await listObjects(cluster, configMaps, { metadataOnly: true });
  return all.filter(({ metadata }) => {
    if (metadata.labels?.[MESH_LABEL]) return false;
    const isLocal = metadata.namespace === ISTIO_NAMESPACE && isLock(metadata.name, metadata.annotations);
    return ISTIOD_CONFIG_MAPS.includes(metadata.name) || isLocal;
  });
}
