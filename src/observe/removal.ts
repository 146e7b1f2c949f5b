import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import { isAppliedBy } from '../diff/ownership.js';
import type { MeshplanError } from '../errors/index.js';
import type { DesiredObject } from '../model/action.js';
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
import { FIELD_MANAGER, ISTIO_NAMESPACE, MESH_LABEL } from '../model/names.js';
import { observeForeign } from './foreign.js';
import { isLock } from './leader-lock.js';
import { listOurs } from './list-ours.js';
import { lostBecause, type OwnedObject } from './observe.js';
import type { KnownObjects } from './ours.js';

/** What stands in the way of, or goes along with, the removal of everything that is ours. */
export interface RemovalReading {
  ours: Map<string, OwnedObject>;
  /** Address of one of our Namespaces or CRDs → what of others it holds. */
  foreign: Map<string, string[]>;
  /** ConfigMaps that istiod wrote and leaves behind, by cluster; none where another istiod serves it. */
  leftovers: Map<string, KubeObject[]>;
  /** What was there before us and has fields of ours. */
  shared: { cluster: string; object: KubeObject }[];
  /** Parts of clusters that could not be read. */
  unread: Unread[];
  /** Cluster → why it stopped answering while it was read. */
  lost: Map<string, MeshplanError>;
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
  const reading: RemovalReading = {
    ours: new Map(),
    foreign: new Map(),
    leftovers: new Map(),
    shared: [],
    unread: [],
    lost: new Map(),
  };
  await Promise.all(
    Object.entries(input.facts.clusters).map(async ([name, facts]) => {
      const cluster = input.clusters.get(name);
      if (!facts.reachable || !cluster) return;
      await readOne(cluster, facts, input, reading).catch((error: unknown) => {
        reading.lost.set(name, lostBecause(error));
      });
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
  const { owned: ours, unread } = await listOurs({ ...input, cluster, facts, kinds });
  const [foreign, leftovers, shared] = await Promise.all([
    observeForeign({ orphans: [...ours], ours, facts: input.facts, clusters: input.clusters }),
    readLeftovers(cluster, facts, ours, unread),
    readShared(cluster, facts, input.desired, ours, unread),
  ]);
  for (const [address, owned] of ours) into.ours.set(address, owned);
  into.unread.push(...unread);
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
  unread: Unread[],
): Promise<{ cluster: string; object: KubeObject }[]> {
  const candidates = desired.filter((item) => {
    const ref = refOf(cluster.name, item.object);
    return item.cluster === cluster.name && !ours.has(addressOf(ref)) && !unreadOf(unread, ref);
  });
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

/** Names of the ConfigMaps that istiod puts into every namespace and never takes away (istio#23706). */
const ISTIOD_CONFIG_MAPS = ['istio-ca-root-cert', 'istio-ca-crl'];

/**
 * What istiod leaves in a cluster. Empty where nothing of ours is there, or where an injector that is not
 * ours shows that another istiod serves the cluster.
 */
async function readLeftovers(
  cluster: Cluster,
  facts: ReachableCluster,
  ours: ReadonlyMap<string, OwnedObject>,
  unread: Unread[],
): Promise<KubeObject[]> {
  const configMaps = resourceFor(facts.resources, { apiVersion: 'v1', kind: 'ConfigMap' });
  const webhooks = resourceFor(facts.resources, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
  });
  if (!configMaps || !webhooks || ours.size === 0) return [];
  const ask = <T>({ apiVersion, kind }: ApiResource, read: () => Promise<T>) =>
    orUnread({ cluster: cluster.name, apiVersion, kind }, unread, read);
  const injectors = await ask(webhooks, () =>
    listObjects(cluster, webhooks, { labelSelector: 'app=sidecar-injector', metadataOnly: true }),
  );
  const others = injectors?.filter((object) => !ours.has(addressOf(refOf(cluster.name, object))));
  if (!others || others.length > 0) return [];
  return (await ask(configMaps, () => listLeftovers(cluster, configMaps))) ?? [];
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
