import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { clustersOf, everyObject, type PlacedWorkload } from '../resolve/workloads.js';

/** One object of the manifests, with all the clusters that get it. */
export interface PlacedObject extends ManifestObject {
  clusters: string[];
  /** Those of them that run an istiod, which reads Istio's kinds in its own cluster alone. */
  primaries: string[];
}

/** Every object of the manifests once, however many workloads name its file. */
export function placedObjects(workloads: PlacedWorkload[], clusters: ResolvedCluster[]): PlacedObject[] {
  const found = new Map<ManifestObject, Set<string>>();
  for (const workload of workloads) {
    for (const item of everyObject(workload)) {
      const known = found.get(item) ?? new Set();
      for (const cluster of clustersOf(workload, item)) known.add(cluster);
      found.set(item, known);
    }
  }
  const primaries = new Set(clusters.flatMap(({ name, role }) => (role === 'primary' ? [name] : [])));
  return [...found].map(([item, names]) => ({
    ...item,
    clusters: [...names],
    primaries: [...names].filter((name) => primaries.has(name)),
  }));
}

/** How findings name an object: `VirtualService/production/backend`. */
export function nameOf({ object }: ManifestObject): string {
  const { namespace, name } = object.metadata;
  return [object.kind, namespace, name].filter(Boolean).join('/');
}

/** Whether an object is of a kind of one of Istio's API groups, in any version. */
export function isOfGroup({ object }: ManifestObject, group: string, kind: string): boolean {
  return object.kind === kind && object.apiVersion.startsWith(`${group}/`);
}
