import { loadKubeconfig } from './load.js';

/** One context of a kubeconfig, as far as its names go. */
export interface ContextEntry {
  name: string;
  server: string;
  current: boolean;
}

/**
 * The contexts of a kubeconfig, in its order. `kubeconfig` is the flag's value, as for `connectClusters`.
 * @throws MeshplanError `kubeconfig-missing`, `kubeconfig-invalid` (exit code 3).
 */
export async function readContexts(kubeconfig: string | undefined): Promise<ContextEntry[]> {
  const { KubeConfig } = await import('./client-node.js');
  const config = await loadKubeconfig(() => new KubeConfig(), kubeconfig);
  return config.getContexts().flatMap(({ name, cluster }) => {
    const server = config.getCluster(cluster)?.server;
    return server ? [{ name, server, current: name === config.getCurrentContext() }] : [];
  });
}
