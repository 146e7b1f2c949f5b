import { resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { ApiError } from '../errors/index.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import type { Cluster, KubeObject } from '../model/kube.js';
import { CACERTS_SECRET, EXPOSURE_SERVICE, ISTIO_NAMESPACE, READER_TOKEN_SECRET } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

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
  /** What the user may not read (403), in words that begin with the cluster. */
  unread: string[];
}

const TRAFFIC_API = 'networking.istio.io/v1';

/** Reads what `drift` judges by its meaning. What is forbidden is noted and left out. */
export async function observeMeaning(input: {
  mesh: ResolvedMesh;
  facts: Facts;
  clusters: ReadonlyMap<string, Cluster>;
}): Promise<MeaningReading> {
  const reading: MeaningReading = { clusters: new Map(), unread: [] };
  await Promise.all(
    input.mesh.clusters.map(async (declared) => {
      const facts = input.facts.clusters[declared.name];
      const cluster = input.clusters.get(declared.name);
      if (!facts?.reachable || !cluster) return;
      const found = await readMeaning(input.mesh, declared, { cluster, facts, unread: reading.unread });
      reading.clusters.set(declared.name, found);
    }),
  );
  reading.unread.sort();
  return reading;
}

interface Place {
  cluster: Cluster;
  facts: ReachableCluster;
  unread: string[];
}

async function readMeaning(
  mesh: ResolvedMesh,
  { role }: ResolvedCluster,
  place: Place,
): Promise<ClusterMeaning> {
  const isPrimary = role === 'primary';
  const [cacerts, token, exposure, remoteSecrets, ...rules] = await Promise.all([
    readSystem(place, 'secrets', CACERTS_SECRET),
    isPrimary ? undefined : readSystem(place, 'secrets', READER_TOKEN_SECRET),
    isPrimary ? readSystem(place, 'services', EXPOSURE_SERVICE) : undefined,
    isPrimary
      ? list(place, 'v1', 'Secret', { namespace: ISTIO_NAMESPACE, labelSelector: 'istio/multiCluster=true' })
      : [],
    ...(isPrimary && mesh.traffic.length > 0
      ? ['VirtualService', 'DestinationRule'].map((kind) => list(place, TRAFFIC_API, kind))
      : []),
  ]);
  return {
    ...(cacerts ? { cacerts } : {}),
    ...(token ? { token } : {}),
    ...(exposure ? { exposure } : {}),
    remoteSecrets,
    rules: rules.flat(),
  };
}

const readSystem = (place: Place, plural: string, name: string) =>
  allowed(place, `${plural} ${ISTIO_NAMESPACE}/${name}`, undefined, () =>
    getObject(place.cluster, `/api/v1/namespaces/${ISTIO_NAMESPACE}/${plural}/${name}`),
  );

async function list(
  place: Place,
  apiVersion: string,
  kind: string,
  options: { namespace?: string; labelSelector?: string } = {},
): Promise<KubeObject[]> {
  const resource = resourceFor(place.facts.resources, { apiVersion, kind });
  if (!resource) return [];
  return allowed(place, `${resource.plural}${options.namespace ? ` in ${options.namespace}` : ''}`, [], () =>
    listObjects(place.cluster, resource, options),
  );
}

/** What is read, or `otherwise` where the user may not read it. */
async function allowed<T>(place: Place, what: string, otherwise: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    place.unread.push(`${place.cluster.name}: ${what}`);
    return otherwise;
  }
}
