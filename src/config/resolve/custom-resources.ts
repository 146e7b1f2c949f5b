import { isCrd, kindKeyOf, kindsOf } from '../../model/crd.js';
import { checkCustomResource } from '../custom/check.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { MeshSource } from './mesh-source.js';
import type { PlacedWorkload } from './workloads.js';

/**
 * Checks each custom resource against the CRD that manifests bring to a cluster of its own: no server
 * could be asked about it before the CRD is there.
 */
export function checkCustomResources(source: MeshSource, workloads: PlacedWorkload[]): void {
  const checked = new Set<ManifestObject>();
  for (const { clusters, objects } of workloads) {
    const crds = crdsIn(workloads.filter((other) => other.clusters.some((name) => clusters.includes(name))));
    for (const item of objects) {
      const crd = crds.get(kindKeyOf(item.object));
      // Files may be named by several workloads, and are read once.
      if (!crd || checked.has(item)) continue;
      checked.add(item);
      checkCustomResource(crd, item.tree, source.findings);
    }
  }
}

function crdsIn(workloads: PlacedWorkload[]) {
  const crds = workloads.flatMap(({ objects }) => objects.map(({ object }) => object).filter(isCrd));
  return new Map(crds.flatMap((crd) => kindsOf(crd).map((key) => [key, crd] as const)));
}
