import { suggestion } from '../../match/nearest.js';
import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';

/** The cluster names that a selector (`all` or a list) at `path` means; names of no cluster are reported. */
export function selectClusters(source: MeshSource, selector: 'all' | string[], path: Path): string[] {
  const valid = source.spec.clusters.map((cluster) => cluster.name);
  if (selector === 'all') return [...new Set(valid)];
  selector.forEach((name, index) => {
    checkClusterName(source, name, [...path, index]);
  });
  return selector.filter((name) => valid.includes(name));
}

/** Reports a name at `path` that no cluster has. */
function checkClusterName(source: MeshSource, name: string, path: Path): void {
  const names = source.namedClusters.map((cluster) => cluster.name);
  if (names.includes(name)) return;
  source.findings.error(
    'unknown-cluster',
    source.at(...path),
    `there is no cluster \`${name}\``,
    suggestion(name, names),
  );
}
