import { fullHost } from '../../match/hosts.js';
import type { SourceRange } from '../../model/diagnostic.js';
import { isForMesh } from './hosts.js';
import type { MeshView } from './mesh-view.js';
import { itemsAt } from './nodes.js';
import { isOfGroup, placedObjects } from './placed-objects.js';

/** A host for which a VirtualService of a manifest has routes, and where it says so. */
export interface RoutedHost {
  host: string;
  at: SourceRange;
}

/** The hosts of VirtualServices that an istiod reads, for sidecars; first mention of each. */
export function routedHosts(view: MeshView): RoutedHost[] {
  const found = new Map<string, RoutedHost>();
  for (const item of placedObjects([...view.workloads], [...view.clusters])) {
    if (!isOfGroup(item, 'networking.istio.io', 'VirtualService')) continue;
    if (item.primaries.length === 0 || !isForMesh(item)) continue;
    if (itemsAt(item.tree, ['spec', 'http']).length === 0) continue;
    for (const node of itemsAt(item.tree, ['spec', 'hosts'])) {
      if (node.kind !== 'scalar' || typeof node.value !== 'string') continue;
      const host = fullHost(node.value, item.object.metadata.namespace ?? '');
      if (!found.has(host)) found.set(host, { host, at: node.at });
    }
  }
  return [...found.values()];
}
