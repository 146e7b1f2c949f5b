import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import { isController, lastWriter } from '../diff/ownership.js';
import { messageOf } from '../errors/index.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import { addressOf, type Cluster, type KubeObject, type Unread } from '../model/kube.js';
import { CACERTS_SECRET, EXPOSURE_SERVICE, ISTIO_NAMESPACE, READER_TOKEN_SECRET } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { lostBecause, type Observation } from './observe.js';

/** Objects of one cluster that tell by their content whether the mesh still is what was declared. */
export interface ClusterMeaning {
  cacerts?: KubeObject;
  /** The token by which istiod reads a remote. */
  token?: KubeObject;
  /** The Service that shows a primary's istiod. */
  exposure?: KubeObject;
  /** Every remote secret in a primary, whoever made it. */
  remoteSecrets: KubeObject[];
  /** Traffic rules in a primary, whoever made them; only where mesh.yaml declares some. */
  rules: KubeObject[];
}

export interface MeaningReading {
  /** By cluster; those that cannot be read are left out. */
  clusters: Map<string, ClusterMeaning>;
  /** Address of a Deployment that somebody scaled → when its controller followed (RFC 3339). */
  scaled: Map<string, string>;
  /** What the server does not show, in words that begin with the cluster. */
  unread: string[];
}

const TRAFFIC_API = 'networking.istio.io/v1';

/** Reads what `drift` judges by its meaning and nothing has read yet. What is not shown is noted and left out. */
export async function observeMeaning(input: {
  mesh: ResolvedMesh;
  facts: Facts;
  clusters: ReadonlyMap<string, Cluster>;
  /** By address. */
  observations: ReadonlyMap<string, Observation>;
  /** Traffic rules by cluster, where they have been read. */
  rules: ReadonlyMap<string, KubeObject[]>;
}): Promise<MeaningReading> {
  const reading: MeaningReading = { clusters: new Map(), scaled: new Map(), unread: [] };
  await Promise.all(
    input.mesh.clusters.map(async (declared) => {
      const facts = input.facts.clusters[declared.name];
      const cluster = input.clusters.get(declared.name);
      if (!facts?.reachable || !cluster) return;
      const rules = input.rules.get(declared.name);
      const place: Place = {
        cluster,
        facts,
        observations: input.observations,
        ...(rules ? { rules } : {}),
        unread: [],
      };
      try {
        reading.clusters.set(declared.name, await readMeaning(input.mesh, declared, place));
        for (const [address, deployment] of scaledWithoutTime(input.observations, declared.name)) {
          const time = await readScaleTime(place, deployment);
          if (time) reading.scaled.set(address, time);
        }
      } catch (error) {
        reading.unread.push(`${declared.name}: ${messageOf(lostBecause(error))}`);
      }
      reading.unread.push(...place.unread.map(({ message }) => `${declared.name}: ${message}`));
    }),
  );
  return { ...reading, unread: [...new Set(reading.unread)].sort() };
}

interface Place {
  cluster: Cluster;
  facts: ReachableCluster;
  observations: ReadonlyMap<string, Observation>;
  rules?: KubeObject[];
  unread: Unread[];
}

async function readMeaning(
  mesh: ResolvedMesh,
  { role }: ResolvedCluster,
  place: Place,
): Promise<ClusterMeaning> {
  const isPrimary = role === 'primary';
  const [cacerts, token, exposure, remoteSecrets, ...rules] = await Promise.all([
    readSystem(place, 'Secret', CACERTS_SECRET),
    isPrimary ? undefined : readSystem(place, 'Secret', READER_TOKEN_SECRET),
    isPrimary ? readSystem(place, 'Service', EXPOSURE_SERVICE) : undefined,
    isPrimary
      ? list(place, 'v1', 'Secret', { namespace: ISTIO_NAMESPACE, labelSelector: 'istio/multiCluster=true' })
      : [],
    ...(isPrimary && mesh.traffic.length > 0 && !place.rules
      ? ['VirtualService', 'DestinationRule'].map((kind) => list(place, TRAFFIC_API, kind))
      : []),
  ]);
  return {
    ...(cacerts ? { cacerts } : {}),
    ...(token ? { token } : {}),
    ...(exposure ? { exposure } : {}),
    remoteSecrets,
    rules: place.rules ?? rules.flat(),
  };
}

/** The API server notes who scaled, by the scale subresource, and not when. */
function scaledWithoutTime(
  observations: ReadonlyMap<string, Observation>,
  cluster: string,
): [string, KubeObject][] {
  return [...observations].flatMap(([address, seen]): [string, KubeObject][] => {
    if (!('live' in seen) || seen.live.kind !== 'Deployment' || !address.startsWith(`${cluster}/`)) return [];
    const isScaled = lastWriter(
      seen.live,
      ({ manager, subresource, time }) => subresource === 'scale' && !time && !isController(manager),
    );
    return isScaled ? [[address, seen.live]] : [];
  });
}

/** The Deployment controller scales a ReplicaSet the moment after, and that has its time. */
async function readScaleTime(place: Place, { metadata }: KubeObject): Promise<string | undefined> {
  const namespace = metadata.namespace ?? '';
  const sets = await list(place, 'apps/v1', 'ReplicaSet', { namespace });
  const times = sets
    .filter((set) => isOwnedByUid(set, metadata.uid))
    .flatMap((set) => lastWriter(set, ({ subresource }) => !subresource)?.time ?? []);
  return times.sort().at(-1);
}

const isOwnedByUid = ({ metadata }: KubeObject, uid: string | undefined) =>
  ((metadata.ownerReferences ?? []) as { uid?: string }[]).some((owner) => owner.uid === uid);

/** An object of Istio's namespace: as it was seen where it is declared, else it is read. */
async function readSystem(place: Place, kind: string, name: string): Promise<KubeObject | undefined> {
  const { cluster, facts, observations, unread } = place;
  const ref = { cluster: cluster.name, apiVersion: 'v1', kind, name, namespace: ISTIO_NAMESPACE };
  const seen = observations.get(addressOf(ref));
  if (seen) return 'live' in seen ? seen.live : undefined;
  const resource = resourceFor(facts.resources, ref);
  if (!resource) return undefined;
  return orUnread(ref, unread, () => getObject(cluster, objectPath(resource, name, ISTIO_NAMESPACE)));
}

async function list(
  { cluster, facts, unread }: Place,
  apiVersion: string,
  kind: string,
  options: { namespace?: string; labelSelector?: string } = {},
): Promise<KubeObject[]> {
  const resource = resourceFor(facts.resources, { apiVersion, kind });
  if (!resource) return [];
  const read = () => listObjects(cluster, resource, options);
  return (await orUnread({ cluster: cluster.name, apiVersion, kind }, unread, read)) ?? [];
}
