import { parseAddress } from './kube.js';
import type { MeshState } from './state.js';

/** A cluster that is given up, and what the state still knows in it. */
export interface AbandonedCluster {
  name: string;
  /** Addresses; nobody removes them. */
  objects: string[];
}

/** The addresses of a list that lie in one cluster. */
export const addressesIn = (cluster: string, addresses: Iterable<string>): string[] =>
  [...addresses].filter((address) => parseAddress(address)?.cluster === cluster);

/** What the journal takes down when a cluster is forgotten. */
export type ForgetFact =
  | { type: 'object-gone'; action: string; address: string }
  | { type: 'certificate-gone'; name: string }
  | { type: 'cluster-gone'; cluster: string };

/** All that the state knows of a cluster, as facts that end it; none where it knows nothing. */
export function forgettingOf(cluster: string, state: MeshState): ForgetFact[] {
  const objects = addressesIn(cluster, Object.keys(state.objects)).map((address): ForgetFact => {
    return { type: 'object-gone', action: state.objects[address]?.action ?? '', address };
  });
  return [
    ...objects,
    ...(state.certificates[cluster] ? [{ type: 'certificate-gone' as const, name: cluster }] : []),
    ...(state.clusters[cluster] ? [{ type: 'cluster-gone' as const, cluster }] : []),
  ];
}
