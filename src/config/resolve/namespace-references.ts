import { suggestion } from '../../match/nearest.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { ResolvedNamespace } from '../../model/resolved-mesh.js';
import { placeOf, textAt } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { isAlwaysThere } from './namespaces.js';
import { clustersOf, everyObject, isService, type PlacedWorkload } from './workloads.js';

/** Reports objects, and Services for callers, whose namespace is missing in a cluster that gets them. */
export function checkWorkloadNamespaces(
  source: MeshSource,
  workloads: PlacedWorkload[],
  namespaces: ResolvedNamespace[],
): void {
  for (const workload of workloads) {
    for (const item of everyObject(workload)) {
      const name = textAt(item.tree, ['metadata', 'namespace']);
      if (name === undefined) continue;
      const place = placeOf(item.tree, ['metadata', 'namespace']);
      const clusters = clustersOf(workload, item);
      checkNamespace(source, { name, clusters, place, use: 'manifest' }, namespaces);
      const isKnown = namespaces.some((namespace) => namespace.name === name);
      if (!isService(item) || !isKnown) continue;
      const use = { name, clusters: workload.callableFrom, place: workload.source, use: '`callableFrom`' };
      checkNamespace(source, use, namespaces);
    }
  }
}

interface Use {
  name: string;
  clusters: string[];
  place: SourceRange;
  /** What uses the namespace, as the message names it. */
  use: string;
}

/** Reports a namespace that is not declared at all, or not in all the clusters where it is used. */
export function checkNamespace(source: MeshSource, use: Use, namespaces: ResolvedNamespace[]): void {
  if (isAlwaysThere(use.name) || use.clusters.length === 0) return;
  const known = namespaces.filter(({ name }) => name === use.name);
  if (known.length === 0) {
    const names = namespaces.map(({ name }) => name);
    const message = `the namespace \`${use.name}\` is neither in \`namespaces\` nor brought by a manifest`;
    const hint = names.length > 0 ? suggestion(use.name, names) : 'declare it in `spec.namespaces`';
    source.findings.error('unknown-namespace', use.place, message, hint);
    return;
  }
  const lacking = use.clusters.filter((cluster) => !known.some(({ clusters }) => clusters.includes(cluster)));
  if (lacking.length === 0) return;
  const message = `the namespace \`${use.name}\` is not declared for ${lacking.join(', ')}, where ${use.use} needs it`;
  const hint = `add ${lacking.join(', ')} to the \`clusters\` of namespace \`${use.name}\``;
  source.findings.error('unknown-namespace', use.place, message, hint);
}
