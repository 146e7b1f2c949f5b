import type { Facts } from '../model/facts.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

/** Whether another istiod serves a cluster as yet than the one that it is declared for. */
export const isMoving = ({ moves }: Facts, { name }: ResolvedCluster): boolean => moves?.[name] !== undefined;

/**
 * The remote that has to be moved before this one: one after the other, so that what goes wrong with one stops the
 * rest. Former primaries come last, for the others may lean on them till then; those that cannot be read hold up
 * nobody.
 */
export function movedBefore(
  { clusters }: ResolvedMesh,
  facts: Facts,
  remote: ResolvedCluster,
): ResolvedCluster | undefined {
  const moving = clusters.filter(
    (cluster) =>
      cluster.role === 'remote' && isMoving(facts, cluster) && facts.clusters[cluster.name]?.reachable,
  );
  const wasPrimary = ({ name }: ResolvedCluster) => Number(facts.moves?.[name] === name);
  const order = [...moving].sort((one, other) => wasPrimary(one) - wasPrimary(other));
  return order[order.indexOf(remote) - 1];
}
