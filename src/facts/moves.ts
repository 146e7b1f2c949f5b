import type { Facts } from '../model/facts.js';
import { CONTROL_PLANE_CLUSTERS, ISTIO_NAMESPACE } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import type { Installed } from './installed.js';

/**
 * The clusters that are served as yet by another istiod than mesh.yaml gives them to: remotes with an injector of
 * which their primary holds no remote secret, and primaries that are led as remotes and have no istiod. Cluster →
 * by whose istiod. A run that was interrupted half-way still finds those that are not over.
 */
export function movesOf(
  mesh: ResolvedMesh,
  clusters: Facts['clusters'],
  installed: ReadonlyMap<string, Installed | undefined>,
): Record<string, string> {
  const moves = mesh.clusters.flatMap((cluster): [string, string][] => {
    const { name, role, primary } = cluster;
    const leader = leaderOf(cluster, clusters);
    const here = installed.get(name);
    if (!here) return [];
    if (role === 'primary') return leader !== undefined && !here.isServed ? [[name, leader]] : [];
    const isJoined = installed.get(primary)?.joined.includes(name) ?? !clusters[primary]?.reachable;
    return here.isServed && !isJoined ? [[name, leader ?? name]] : [];
  });
  return Object.fromEntries(moves);
}

/** Who leads in a cluster, by the annotation of Istio's namespace; undefined where that names nobody. */
function leaderOf({ name }: ResolvedCluster, clusters: Facts['clusters']): string | undefined {
  const known = clusters[name];
  const home = known?.reachable ? known.namespaces.get(ISTIO_NAMESPACE) : undefined;
  const leaders = home?.metadata.annotations?.[CONTROL_PLANE_CLUSTERS]?.split(',').map((item) => item.trim());
  return leaders?.find((leader) => leader !== '*' && leader !== '' && leader !== name);
}
