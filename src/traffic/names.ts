import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

/** Who made a test's namespace, for the same purpose. */
export const HOLDER_ANNOTATION = 'meshplan.dev/traffic-holder';

export const CLIENT = 'client';
export const VERSIONS = ['v1', 'v2'] as const;
export type Version = (typeof VERSIONS)[number];

/** The Service that has endpoints everywhere, for routing rules. */
export const ROUTED = 'routed';
/** The same for locality and failover: a host of its own, for Istio takes one traffic policy for each. */
export const LOCAL = 'local';

/** Chooses version v2 on `ROUTED`. */
export const VERSION_HEADER = { name: 'x-meshplan-version', value: 'v2' } as const;

/**
 * A short name for a cluster, by its place in mesh.yaml: names of clusters may be too long for a Service or
 * hold dots.
 */
export const shortName = ({ clusters }: ResolvedMesh, name: string): string =>
  `c${clusters.findIndex((cluster) => cluster.name === name) + 1}`;

/** The Service with endpoints in one cluster alone, which stands in every cluster. */
export const serviceOf = (mesh: ResolvedMesh, cluster: string): string => `only-${shortName(mesh, cluster)}`;

export const deploymentOf = (version: Version): string => `server-${version}`;

/** What a server answers as its hostname: where it runs, and which version it is. */
export const hostnameOf = (mesh: ResolvedMesh, cluster: string, version: Version): string =>
  `${shortName(mesh, cluster)}-${version}`;

/** The reverse of `hostnameOf`; undefined for any other text. */
export function serverOf(
  mesh: ResolvedMesh,
  hostname: string,
): { cluster: string; version: Version } | undefined {
  for (const { name } of mesh.clusters) {
    const version = VERSIONS.find((item) => hostnameOf(mesh, name, item) === hostname);
    if (version) return { cluster: name, version };
  }
  return undefined;
}

/** The SPIFFE identity of a ServiceAccount in the test's namespace. */
export const identityOf = (mesh: ResolvedMesh, namespace: string, account: string): string =>
  `spiffe://${mesh.trust.domain}/ns/${namespace}/sa/${account}`;

/** Why no request from one cluster to another can arrive, as far as mesh.yaml says. */
export function whyApart(from: ResolvedCluster, to: ResolvedCluster): string | undefined {
  if (from.primary === to.primary) return undefined;
  return `${from.primary} and ${to.primary} do not read each other's clusters`;
}
