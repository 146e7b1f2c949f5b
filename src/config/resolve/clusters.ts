import type { Cluster } from '../../model/mesh.js';
import type { JsonObject, ResolvedCluster } from '../../model/resolved-mesh.js';
import { resolveControlPlane } from './control-plane.js';
import { checkDerivedValues } from './derived-values.js';
import { checkDuplicates } from './duplicates.js';
import type { MeshSource } from './mesh-source.js';
import { resolveNetwork } from './networks.js';
import { resolvePrimary } from './primaries.js';
import { userPath } from './user-path.js';

/** The clusters with defaults and references worked out; those with faults as far as they go. */
export function resolveClusters(source: MeshSource): ResolvedCluster[] {
  const { clusters } = source.spec;
  checkDuplicates(source, 'clusters', 'name');
  const resolved = clusters.map((cluster, index) => resolveCluster(source, cluster, index));
  checkContexts(source, resolved);
  checkAddresses(source, resolved);
  return resolved;
}

function resolveCluster(source: MeshSource, cluster: Cluster, index: number): ResolvedCluster {
  checkDerivedValues(source, cluster.values ?? {}, ['clusters', index, 'values']);
  const { kubeconfig, apiServer, locality } = cluster;
  return {
    name: cluster.name,
    context: cluster.context ?? cluster.name,
    ...(kubeconfig === undefined ? {} : { kubeconfig: userPath(source.folder, kubeconfig) }),
    ...(apiServer === undefined ? {} : { apiServer }),
    role: cluster.role,
    primary: resolvePrimary(source, cluster, index),
    network: resolveNetwork(source, cluster, index),
    ...(locality === undefined ? {} : { locality }),
    labels: cluster.labels ?? {},
    values: (cluster.values ?? {}) as JsonObject,
    controlPlane: resolveControlPlane(source, cluster, index),
    source: source.at('clusters', index),
  };
}

/** Two names for one cluster would be two control planes or data planes on top of each other. */
function checkContexts(source: MeshSource, clusters: ResolvedCluster[]): void {
  clusters.forEach((cluster, index) => {
    const twin = clusters.find(
      (other) => other.context === cluster.context && other.kubeconfig === cluster.kubeconfig,
    );
    if (twin === undefined || twin === cluster || twin.name === cluster.name) return;
    const message = `the context \`${cluster.context}\` is that of cluster \`${twin.name}\` already`;
    const hint = 'each cluster of the mesh needs a kubeconfig context of its own';
    source.findings.error('duplicate-context', source.at('clusters', index, 'context'), message, hint);
  });
}

/** A fixed address leads to one istiod: written for the whole mesh it would lead the remotes of all to one. */
function checkAddresses(source: MeshSource, clusters: ResolvedCluster[]): void {
  const primaries = clusters.filter((cluster) => cluster.role === 'primary');
  clusters.forEach((cluster, index) => {
    const { address } = cluster.controlPlane.exposure;
    const twin = primaries.find((other) => other.controlPlane.exposure.address === address);
    if (address === undefined || cluster.role !== 'primary' || !twin || twin.name === cluster.name) return;
    const message = `the primaries \`${twin.name}\` and \`${cluster.name}\` cannot both have the address ${address}`;
    const hint = 'write `controlPlane.exposure.address` for each primary';
    source.findings.error('duplicate-address', source.at('clusters', index), message, hint);
  });
}
