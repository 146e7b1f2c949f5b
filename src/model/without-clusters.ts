import type { ResolvedMesh } from './resolved-mesh.js';

/**
 * The mesh without some of its clusters: nothing is meant for them any more. What is meant for others too, or is
 * called from others, stays there.
 */
export function withoutClusters(mesh: ResolvedMesh, names: readonly string[]): ResolvedMesh {
  const stay = (list: string[]) => list.filter((name) => !names.includes(name));
  return {
    ...mesh,
    clusters: mesh.clusters.filter(({ name }) => !names.includes(name)),
    fenced: mesh.fenced.filter(({ name }) => !names.includes(name)),
    namespaces: mesh.namespaces
      .map((item) => ({ ...item, clusters: stay(item.clusters) }))
      .filter((item) => item.clusters.length > 0),
    workloads: mesh.workloads
      .map((item) => ({ ...item, clusters: stay(item.clusters), callableFrom: stay(item.callableFrom) }))
      .filter((item) => item.clusters.length + item.callableFrom.length > 0),
  };
}
