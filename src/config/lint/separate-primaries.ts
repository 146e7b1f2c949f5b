import type { MeshSource } from '../resolve/mesh-source.js';
import type { MeshView } from './mesh-view.js';

/** Reports callers to whom their istiod tells no pods: each reads its own cluster and those of its remotes alone. */
export function checkSeparatePrimaries(source: MeshSource, view: MeshView): void {
  view.workloads.forEach((workload, index) => {
    const own = view.services.filter((service) => service.workload === workload);
    for (const host of new Set(own.map((service) => service.host))) {
      const lost = workload.callableFrom.filter((name) => !view.knowsPods(name, host));
      if (lost.length === 0) continue;
      const homes = [...new Set(view.podsOfHost(host).map(({ cluster }) => cluster))];
      source.findings.lint('separate-primaries', source.keyAt('workloads', index, 'callableFrom'), {
        subject: host,
        message: `callers of \`${host}\` in ${lost.join(', ')} get 503: its pods run in ${homes.join(', ')}, of which their istiod knows nothing, for it reads its own cluster and its remotes alone`,
        hint: `run it in a cluster of the same primary too, or take ${lost.join(', ')} out of \`callableFrom\``,
      });
    }
  });
}
