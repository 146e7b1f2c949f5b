import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import { kialiView } from '../model/kiali.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

/** Who is given a kubeconfig of a cluster must reach its API server by the address in that. */
export function serverFindings(
  mesh: ResolvedMesh,
  facts: Facts,
  isLoopbackAllowed: (cluster: string) => boolean,
): Diagnostic[] {
  return mesh.clusters.flatMap((cluster) => {
    const known = facts.clusters[cluster.name];
    const reader = readerOf(mesh, cluster);
    if (!reader || !known || isLoopbackAllowed(cluster.name)) return [];
    const server = cluster.apiServer ?? known.server;
    const host = new URL(server).hostname;
    if (host !== 'localhost' && host !== '[::1]' && !host.startsWith('127.')) return [];
    return [
      {
        severity: 'error',
        code: 'loopback-server',
        message: `cluster ${cluster.name}: ${server} names this machine, so ${reader.who} in ${reader.home} cannot reach it (istio#58047)`,
        hint: `Set clusters[].apiServer of ${cluster.name} to the address by which ${reader.home} reaches its API server.`,
        ...cluster.source,
      },
    ];
  });
}

/** istiod reads remotes; Kiali reads other primaries as well. */
function readerOf(mesh: ResolvedMesh, { name, role, primary }: ResolvedCluster) {
  if (role === 'remote') return { who: 'istiod', home: primary };
  const view = kialiView(mesh);
  return view?.others.some((other) => other.name === name) ? { who: 'Kiali', home: view.home } : undefined;
}
