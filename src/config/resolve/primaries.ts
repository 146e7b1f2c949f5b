import { suggestion } from '../../match/nearest.js';
import type { Cluster } from '../../model/mesh.js';
import type { MeshSource } from './mesh-source.js';

/** The primary that serves a cluster (a primary itself); an empty name after a finding. */
export function resolvePrimary(source: MeshSource, cluster: Cluster, index: number): string {
  const { findings } = source;
  const place = source.at('clusters', index, 'primary');
  const { name, role, primary } = cluster;
  if (role === 'primary') {
    if (primary !== undefined && primary !== name) {
      const message = `cluster \`${name}\` is a primary and cannot be served by \`${primary}\``;
      findings.error('primary-not-allowed', place, message, 'take `primary` out, or make the role `remote`');
    }
    return name;
  }
  if (primary === undefined) return onlyPrimary(source, cluster, index);
  const target = source.namedClusters.find((other) => other.name === primary);
  if (target === undefined) {
    const message = `there is no cluster \`${primary}\` to be the primary of \`${name}\``;
    findings.error('unknown-primary', place, message, suggestion(primary, primaryNames(source)));
  } else if (primary === name) {
    const message = `cluster \`${name}\` is a remote and cannot be its own primary`;
    findings.error('primary-is-remote', place, message, primaryHint(source));
  } else if (target.role === 'remote') {
    const message = `cluster \`${primary}\` is a remote and cannot be the primary of \`${name}\``;
    findings.error('primary-is-remote', place, message, primaryHint(source));
  } else {
    return primary;
  }
  return '';
}

function onlyPrimary(source: MeshSource, cluster: Cluster, index: number): string {
  const names = primaryNames(source);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const place = source.at('clusters', index);
  if (only === undefined) {
    // A role that is misspelt may have been meant for the primary.
    if (source.namedClusters.some((other) => other.role !== 'remote')) return '';
    const message = `cluster \`${cluster.name}\` is a remote, and no cluster of the mesh is a primary`;
    source.findings.error('primary-missing', place, message, 'give one cluster `role: primary`');
  } else {
    const message = `cluster \`${cluster.name}\` does not say which of ${names.length} primaries serves it`;
    source.findings.error(
      'primary-ambiguous',
      place,
      message,
      `add \`primary:\` with one of ${names.join(', ')}`,
    );
  }
  return '';
}

function primaryNames(source: MeshSource): string[] {
  const primaries = source.namedClusters.filter((cluster) => cluster.role === 'primary');
  return [...new Set(primaries.map((cluster) => cluster.name))];
}

function primaryHint(source: MeshSource): string {
  const names = primaryNames(source);
  return names.length > 0 ? `name a primary: ${names.join(', ')}` : 'give one cluster `role: primary`';
}
