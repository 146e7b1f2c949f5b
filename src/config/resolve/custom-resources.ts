import { isCrd, kindKeyOf, kindsOf } from '../../model/crd.js';
import { checkCustomResource } from '../custom/check.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { MeshSource } from './mesh-source.js';
import { objectsIn, type PlacedWorkload } from './workloads.js';

/**
 * Checks each custom resource against the CRD that manifests bring to a cluster of its own: no server
 * could be asked about it before the CRD is there.
 */
export function checkCustomResources(source: MeshSource, workloads: PlacedWorkload[]): void {
  const checked = new Set<ManifestObject>();
  const clusters = new Set(workloads.flatMap((workload) => workload.clusters));
  for (const cluster of clusters) {
    const objects = workloads.flatMap((workload) => objectsIn(workload, cluster));
    const crds = crdsIn(objects);
    for (const item of objects) {
      const crd = crds.get(kindKeyOf(item.object));
      // Files may be named by several workloads, and are read once.
      if (!crd || checked.has(item)) continue;
      checked.add(item);
      checkCustomResource(crd, item.tree, source.findings);
    }
  }
}

function crdsIn(objects: ManifestObject[]) {
  const crds = objects.map(({ object }) => object).filter(isCrd);
  return new Map(crds.flatMap((crd) => kindsOf(crd).map((key) => [key, crd] as const)));
}
