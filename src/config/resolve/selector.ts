import { carries } from '../../match/labels.js';
import { suggestion } from '../../match/nearest.js';
import type { ClusterSelector } from '../../model/mesh.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';

type Conditions = Exclude<ClusterSelector, string | string[]>;

/**
 * The cluster names that a selector at `path` below `spec` means, in the order of `clusters`, but a list in its
 * own. Names of no cluster are reported, and conditions that no cluster fulfils.
 */
export function selectClusters(
  source: MeshSource,
  clusters: readonly ResolvedCluster[],
  selector: ClusterSelector,
  path: Path,
): string[] {
  const valid = clusters.map(({ name }) => name);
  if (selector === 'all') return [...new Set(valid)];
  if (Array.isArray(selector)) {
    checkNames(source, selector, path);
    return selector.filter((name) => valid.includes(name));
  }
  checkNames(source, selector.except ?? [], [...path, 'except']);
  const found = clusters.filter((cluster) => fulfils(cluster, selector)).map(({ name }) => name);
  if (found.length === 0) reportNone(source, clusters, selector, path);
  return [...new Set(found)];
}

/** Reports the names of a list at `path` that no cluster has. */
function checkNames(source: MeshSource, list: string[], path: Path): void {
  const names = source.namedClusters.map((cluster) => cluster.name);
  list.forEach((name, index) => {
    if (names.includes(name)) return;
    const message = `there is no cluster \`${name}\``;
    source.findings.error('unknown-cluster', source.at(...path, index), message, suggestion(name, names));
  });
}

/** What a cluster says to each condition but labels. */
const values = {
  role: ({ role }: ResolvedCluster) => role,
  region: ({ locality }: ResolvedCluster) => locality?.region,
  zone: ({ locality }: ResolvedCluster) => locality?.zone,
  network: ({ network }: ResolvedCluster) => network,
};
const conditions = Object.keys(values) as (keyof typeof values)[];

function fulfils(cluster: ResolvedCluster, wanted: Conditions): boolean {
  return (
    conditions.every((key) => wanted[key] === undefined || values[key](cluster) === wanted[key]) &&
    carries(cluster.labels, wanted.labels ?? {}) &&
    !wanted.except?.includes(cluster.name)
  );
}

/** What was selected yesterday and is not today would be deleted: so nothing at all is worth a word. */
function reportNone(
  source: MeshSource,
  clusters: readonly ResolvedCluster[],
  selector: Conditions,
  path: Path,
): void {
  // Of a cluster with faults it cannot be told what it would fulfil.
  if (source.hasFaultyClusters) return;
  const finding = {
    subject: path.join('/'),
    message: 'no cluster fulfils these conditions, so this is in force nowhere',
    hint: hintFor(clusters, selector),
  };
  source.findings.lint('no-cluster-selected', source.at(...path), finding);
}

/** Names the condition that no cluster fulfils even alone, with what is nearest. */
function hintFor(clusters: readonly ResolvedCluster[], selector: Conditions): string {
  for (const key of conditions) {
    const wanted = selector[key];
    if (wanted === undefined || clusters.some((cluster) => values[key](cluster) === wanted)) continue;
    const known = clusters.map(values[key]).filter((value) => value !== undefined && value !== '');
    return hintOf(`no cluster has the ${key} \`${wanted}\``, wanted, known as string[]);
  }
  for (const [key, wanted] of Object.entries(selector.labels ?? {})) {
    if (clusters.some(({ labels }) => labels[key] === wanted)) continue;
    const keys = new Set(clusters.flatMap(({ labels }) => Object.keys(labels)));
    if (!keys.has(key)) return hintOf(`no cluster has a label \`${key}\``, key, [...keys]);
    const known = clusters.flatMap(({ labels }) => labels[key] ?? []);
    return hintOf(`no cluster has the label \`${key}: ${wanted}\``, wanted, known);
  }
  return 'each condition alone is fulfilled, but no cluster fulfils all of them';
}

function hintOf(what: string, wanted: string, known: string[]): string {
  return known.length > 0 ? `${what}; ${suggestion(wanted, new Set(known))}` : what;
}
