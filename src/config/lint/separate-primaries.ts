import type { MeshSource } from '../resolve/mesh-source.js';
import type { MeshView } from './mesh-view.js';

/** Reports callers to whom their istiod tells no pods: each reads its own cluster and those of its remotes alone. */
export function checkSeparatePrimaries(source: MeshSource, view: MeshView): void {
  const primaryOf = new Map(view.clusters.map(({ name, primary }) => [name, primary]));
  view.workloads.forEach((workload, index) => {
    const own = view.services.filter((service) => service.workload === workload);
    for (const host of new Set(own.map((service) => service.host))) {
      const homes = [...new Set(view.podsOfHost(host).map(({ cluster }) => cluster))];
      const primaries = new Set(homes.map((name) => primaryOf.get(name)));
      const lost = workload.callableFrom.filter((name) => !primaries.has(primaryOf.get(name)));
      // Where no manifest brings pods, others may bring them anywhere.
      if (homes.length === 0 || lost.length === 0) continue;
      source.findings.lint('separate-primaries', source.keyAt('workloads', index, 'callableFrom'), {
        subject: host,
        message: `callers of \`${host}\` in ${lost.join(', ')} get 503: its pods run in ${homes.join(', ')}, of which their istiod knows nothing, for it reads its own cluster and its remotes alone`,
        hint: `run it in a cluster of the same primary too, or take ${lost.join(', ')} out of \`callableFrom\``,
      });
    }
  });
}
