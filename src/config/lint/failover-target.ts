import type { MeshSource } from '../resolve/mesh-source.js';
import type { MeshView } from './mesh-view.js';

/** Reports failover to a region in which a host has no pods. */
export function checkFailoverTargets(source: MeshSource, view: MeshView): void {
  (source.spec.traffic ?? []).forEach(({ host, failover = [] }, index) => {
    const homes = new Set(view.podsOfHost(host).map(({ cluster }) => cluster));
    if (homes.size === 0) return;
    failover.forEach(({ to }, position) => {
      const clusters = view.clusters.filter(({ locality }) => locality?.region === to);
      if (clusters.length === 0 || clusters.some(({ name }) => homes.has(name))) return;
      const names = clusters.map(({ name }) => name).join(', ');
      source.findings.lint('empty-region', source.at('traffic', index, 'failover', position, 'to'), {
        subject: `${host}/${to}`,
        message: `\`${host}\` has no pods in ${to} (${names}), so nothing takes over there`,
        hint: `give its workload to ${names}, or fail over to a region of ${[...homes].join(', ')}`,
      });
    });
  });
}
