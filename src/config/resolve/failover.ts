import { suggestion } from '../../match/nearest.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { MeshSource } from './mesh-source.js';
import type { Traffic } from './traffic.js';

/** Reports failover that Istio would refuse or that would never happen. */
export function checkFailover(
  source: MeshSource,
  rule: Traffic,
  index: number,
  clusters: ResolvedCluster[],
): void {
  const failover = rule.failover ?? [];
  const { findings } = source;
  const isFaulty = source.dropped('traffic', index).includes('outlierDetection');
  if (failover.length > 0 && rule.outlierDetection === undefined && !isFaulty) {
    const message = '`failover` does nothing without `outlierDetection`';
    const hint = 'add `outlierDetection: { consecutive5xxErrors: 5, interval: 30s, baseEjectionTime: 30s }`';
    const place = source.keyAt('traffic', index, 'failover');
    findings.lint('failover-without-detection', place, { subject: rule.host, message, hint });
  }
  const regions = new Set(clusters.flatMap(({ locality }) => (locality ? [locality.region] : [])));
  failover.forEach(({ from, to }, position) => {
    const path = ['traffic', index, 'failover', position];
    if (from === to) {
      const message = `\`${from}\` cannot fail over to itself: Istio refuses the rule`;
      findings.error('same-region', source.at(...path, 'to'), message, 'name another region');
    }
    for (const [key, region] of Object.entries({ from, to })) {
      if (regions.has(region)) continue;
      const hint = regions.size > 0 ? suggestion(region, regions) : 'give the clusters a `locality`';
      const message = `no cluster is in the region \`${region}\``;
      findings.lint('unknown-region', source.at(...path, key), { subject: region, message, hint });
    }
  });
}
