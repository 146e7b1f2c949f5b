import { suggestion } from '../../match/nearest.js';
import type { Cluster } from '../../model/mesh.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { MeshSource } from './mesh-source.js';

/** The network of a cluster: its own word, else the only declared network, else the default. */
export function resolveNetwork(source: MeshSource, cluster: Cluster, index: number): string {
  const declared =
    source.spec.networks === undefined
      ? undefined
      : [...Object.keys(source.spec.networks), ...source.dropped('networks')];
  const place = source.at('clusters', index, 'network');
  if (cluster.network !== undefined) {
    if (declared && !declared.includes(cluster.network)) {
      const message = `\`spec.networks\` does not list the network \`${cluster.network}\``;
      source.findings.error('unknown-network', place, message, suggestion(cluster.network, declared));
      return '';
    }
    return cluster.network;
  }
  if (declared === undefined) return defaults.network;
  const [only] = declared;
  if (only !== undefined && declared.length === 1) return only;
  const message = `cluster \`${cluster.name}\` does not say which network it is in`;
  source.findings.error(
    'network-missing',
    place,
    message,
    `add \`network:\` with one of ${declared.join(', ')}`,
  );
  return '';
}

/** The names of all networks. Warns where there are several, for meshplan makes no gateways between them. */
export function resolveNetworks(source: MeshSource, clusters: ResolvedCluster[]): string[] {
  const used = [...new Set(clusters.map((cluster) => cluster.network))].filter((name) => name !== '');
  if (used.length > 1) {
    const place = source.at('clusters');
    const message = `the clusters are in ${used.length} networks (${used.join(', ')}), and no gateway joins them`;
    const hint =
      'workloads reach each other only within a network; put the clusters into one if pods can talk directly';
    const subject = used.join(', ');
    source.findings.lint('several-networks', place, { subject, message, hint });
  }
  return Object.keys(source.spec.networks ?? Object.fromEntries(used.map((name) => [name, {}])));
}
