import type { DesiredAction } from '../model/action.js';
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

/** Whether the istiod that a cluster comes from is out of reach: fenced, or in a cluster that cannot be read. */
const isLost = ({ clusters }: Facts, from: string): boolean => clusters[from]?.reachable !== true;

type Notes = Pick<DesiredAction, 'notes'>;

/** What is felt in a remote while it becomes a primary. */
export function promotionNotes(facts: Facts, { name }: ResolvedCluster): Notes {
  const from = facts.moves?.[name];
  if (from === undefined) return {};
  const felt = isLost(facts, from)
    ? `until istiod is available here, new pods of injected namespaces of ${name} are refused; requests between living pods go on`
    : `istiod of ${from} serves ${name} until this one is available; then injector and Service turn to it, and new pods may be refused for about a second`;
  return { notes: [felt] };
}

/** What is felt in a remote when its injector and its Service turn to another primary. */
export function turnNotes(facts: Facts, { name, primary }: ResolvedCluster): Notes {
  const from = facts.moves?.[name];
  if (from === undefined || from === primary) return {};
  const felt = isLost(facts, from)
    ? `proxies of ${name} go on with what they have until then, and connect to istiod of ${primary} from here on`
    : `new pods of ${name} are led by ${primary} from here on, and may be refused for about a second; running proxies stay connected to istiod of ${from} until it ends, and then connect to this one`;
  return { notes: [felt] };
}
