import type { ActionKind } from '../model/action.js';
import { actionId } from '../model/names.js';
import type { Plan, PlannedAction } from '../model/plan.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import { isLeftOut } from './select.js';

/** What makes a cluster a member of the mesh, and not only a place where workloads run. */
const MEMBERSHIP: ReadonlySet<ActionKind> = new Set([
  'root-ca',
  'namespace',
  'crds',
  'trust',
  'exposure',
  'address',
  'control-plane',
  'data-plane',
  'reader-token',
  'federation',
]);

/**
 * The clusters of which all that makes them members of the mesh was selected, or had nothing to change. Of
 * others nothing can be claimed after an apply of this plan.
 */
export function wholeClusters(plan: Plan, clusters: readonly ResolvedCluster[]): ResolvedCluster[] {
  const open = plan.actions.filter(
    (action) => MEMBERSHIP.has(action.kind) && (isLeftOut(action) || action.objects.some(isLeftOut)),
  );
  const isOpen = (name: string, primary: string) => open.some((action) => concerns(action, name, primary));
  return clusters.filter(
    ({ name, primary }) => !isOpen(name, primary) && (name === primary || !isOpen(primary, primary)),
  );
}

/** A remote secret lies in the primary, and makes the remote a member. */
function concerns({ id, kind, cluster }: PlannedAction, name: string, primary: string): boolean {
  if (kind === 'root-ca') return true;
  return kind === 'federation' ? id === actionId.federate(primary, name) : cluster === name;
}
