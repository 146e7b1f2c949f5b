import { suggestion } from '../../match/nearest.js';
import type { ResolvedCluster, ResolvedMesh, ResolvedNamespace } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { MeshSource } from './mesh-source.js';
import { checkNamespace } from './namespace-references.js';

type Monitoring = ResolvedMesh['monitoring'];

/** What is added for monitoring, with the place of Kiali worked out. */
export function resolveMonitoring(
  source: MeshSource,
  clusters: readonly ResolvedCluster[],
  namespaces: ResolvedNamespace[],
): Monitoring {
  const { alerts, dashboards } = source.spec.monitoring ?? {};
  const kiali = resolveKiali(source, clusters, namespaces);
  return {
    alerts: alerts ?? defaults.alerts,
    dashboards: dashboards ?? defaults.dashboards,
    ...(kiali ? { kiali } : {}),
  };
}

function resolveKiali(
  source: MeshSource,
  clusters: readonly ResolvedCluster[],
  namespaces: ResolvedNamespace[],
): Monitoring['kiali'] {
  const kiali = source.spec.monitoring?.kiali;
  if (!kiali) return undefined;
  const name = kiali.namespace ?? defaults.kialiNamespace;
  const place = source.at('monitoring', 'kiali', 'namespace');
  const everywhere = clusters.map((cluster) => cluster.name);
  checkNamespace(source, { name, clusters: everywhere, place, use: '`monitoring.kiali`' }, namespaces);
  const cluster = kiali.cluster ?? onlyPrimary(source);
  checkCluster(source, kiali.cluster);
  return cluster === undefined ? undefined : { cluster, namespace: name };
}

function checkCluster(source: MeshSource, cluster: string | undefined): void {
  const names = source.namedClusters.map(({ name }) => name);
  if (cluster === undefined || names.includes(cluster)) return;
  const place = source.at('monitoring', 'kiali', 'cluster');
  source.findings.error(
    'unknown-cluster',
    place,
    `there is no cluster \`${cluster}\``,
    suggestion(cluster, names),
  );
}

function onlyPrimary(source: MeshSource): string | undefined {
  const primaries = source.namedClusters.filter(({ role }) => role === 'primary').map(({ name }) => name);
  if (primaries.length < 2) return primaries[0];
  const place = source.keyAt('monitoring', 'kiali');
  const message = `\`monitoring.kiali\` does not say in which of ${primaries.length} primaries Kiali runs`;
  source.findings.error('kiali-ambiguous', place, message, `add \`cluster:\`, e.g. ${primaries[0]}`);
  return undefined;
}
