import type { ClusterConnection, ConnectRequest } from '../kube/kubeconfig.js';
import type { Analyze } from '../model/analysis.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';

/** How a cluster of the mesh is looked for in kubeconfigs. */
export const connectRequest = ({ name, context, kubeconfig }: ResolvedCluster): ConnectRequest => ({
  name,
  context,
  ...(kubeconfig ? { kubeconfig } : {}),
});

/** What istioctl calls the first cluster, whatever its context. */
const TAKEN = 'default';

/**
 * `istioctl analyze` over clusters of the mesh. It gets the user's own kubeconfig and finds each cluster by its
 * context, so that no credentials are written anywhere.
 */
export function analysisBy(
  istioctl: string,
  clusters: readonly ResolvedCluster[],
  connections: ReadonlyMap<string, ClusterConnection>,
  kubeconfig: string | undefined,
): Analyze {
  return async (primary, names, signal) => {
    const first = clusters.find(({ name }) => name === primary);
    const remotes = clusters.filter(({ name }) => names.includes(name));
    if (!first) return { unasked: `there is no cluster ${primary}` };
    if (remotes.some(({ context }) => context === TAKEN)) {
      return { unasked: `istioctl cannot tell a context ${TAKEN} of a remote from the primary` };
    }
    const { sharedKubeconfig } = await import('../kube/shared-kubeconfig.js');
    const shared = await sharedKubeconfig([first, ...remotes].map(connectRequest), kubeconfig, connections);
    if ('fault' in shared) return { unasked: shared.fault };
    const { analyzeClusters } = await import('../istioctl/index.js');
    const more = signal ? { signal } : {};
    return analyzeClusters(istioctl, { kubeconfig: shared.value, primary: first, remotes, ...more });
  };
}
