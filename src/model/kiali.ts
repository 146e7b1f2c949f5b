import type { ResolvedCluster, ResolvedMesh } from './resolved-mesh.js';

/**
 * What Kiali's own script for remote clusters (`kiali-prepare-remote-cluster.sh`) calls the account, its rights and
 * its token there, so that both can be found by one name.
 */
export const KIALI_ACCOUNT = 'kiali-remote-access';

/** The same for the Secrets where Kiali runs. */
export const kialiSecretName = (cluster: string) => `kiali-remote-cluster-secret-${cluster}`;

/** By this label Kiali finds its Secrets. */
export const KIALI_LABEL = 'kiali.io/multiCluster';

/** Where Kiali runs, and what it sees of the mesh beside that cluster. */
export interface KialiView {
  /** The cluster in which Kiali runs. It reads that one by its own account. */
  home: string;
  /** Kiali's namespace there, and in all the others that of its account. */
  namespace: string;
  others: ResolvedCluster[];
}

/** Undefined where mesh.yaml asks for none, or where the cluster of Kiali takes no part in the mesh. */
export function kialiView({ monitoring, clusters }: ResolvedMesh): KialiView | undefined {
  const { kiali } = monitoring;
  if (!kiali || !clusters.some(({ name }) => name === kiali.cluster)) return undefined;
  const others = clusters.filter(({ name }) => name !== kiali.cluster);
  return { home: kiali.cluster, namespace: kiali.namespace, others };
}
