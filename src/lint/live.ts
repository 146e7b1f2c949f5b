import type { Diagnostic } from '../model/diagnostic.js';
import type { LintReading } from '../model/lint.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { isHeadless } from '../model/service.js';
import { REGION_LABEL } from './disproof.js';
import { lintFinding } from './finding.js';
import { foreignRules } from './foreign-rules.js';

/** What the clusters alone can tell. `declared` are the addresses of what mesh.yaml makes. */
export const liveFindings = (
  mesh: ResolvedMesh,
  reading: LintReading,
  declared: ReadonlySet<string>,
): Diagnostic[] => [
  ...foreignRules(mesh, reading, declared),
  ...nodeRegions(mesh, reading),
  ...headlessHosts(mesh, reading),
];

/** Clusters whose nodes are not where mesh.yaml says: failover goes by the nodes' labels alone. */
function nodeRegions(mesh: ResolvedMesh, { nodes }: LintReading): Diagnostic[] {
  return mesh.clusters.flatMap(({ name, locality, source }) => {
    const own = nodes.get(name) ?? [];
    const regions = own.map(({ metadata }) => metadata.labels?.[REGION_LABEL]);
    const bare = regions.filter((region) => region === undefined).length;
    const known = [...new Set(regions.filter((region) => region !== undefined))];
    if (bare > 0) {
      return lintFinding('node-region', source, {
        subject: name,
        message: `${bare} of ${own.length} nodes of ${name} have no label \`${REGION_LABEL}\`: for their pods no failover and no share by locality happens`,
        hint: `label them, as the cloud's controller does: kubectl --context ${name} label node --all ${REGION_LABEL}=${locality?.region ?? 'REGION'}`,
      });
    }
    if (locality === undefined || known.length === 0 || known.includes(locality.region)) return [];
    return lintFinding('node-region', source, {
      subject: name,
      message: `the nodes of ${name} are in ${known.join(', ')}, and mesh.yaml says ${locality.region}: rules by region go by the nodes`,
      hint: `write \`region: ${known[0]}\`, and the same in \`failover\` and \`distribute\``,
    });
  });
}

/** Hosts whose Services others made, without an IP. */
function headlessHosts(mesh: ResolvedMesh, { services }: LintReading): Diagnostic[] {
  return mesh.traffic.flatMap(({ host, source }) => {
    const found = [...services].find(
      ([key, service]) => key.endsWith(` ${host}`) && service && isHeadless(service),
    );
    if (!found) return [];
    const [cluster] = found[0].split(' ');
    return lintFinding('headless-service', source, {
      subject: host,
      message: `\`${host}\` is headless in ${cluster}: sidecars send each request to the pod that the name resolved to, so no route, failover or load balancing moves it`,
      hint: 'call a second Service with the same selector and an IP',
    });
  });
}
