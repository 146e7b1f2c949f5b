import type { MeshFile } from '../../model/mesh.js';
import type {
  ResolvedCluster,
  ResolvedNamespace,
  ResolvedRoute,
  ResolvedTraffic,
} from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import { checkDuplicates } from './duplicates.js';
import { checkFailover } from './failover.js';
import type { MeshSource } from './mesh-source.js';
import { checkNamespace } from './namespace-references.js';
import { checkRoutes } from './routes.js';
import { checkHostPods } from './subset-pods.js';
import type { PlacedWorkload } from './workloads.js';

export type Traffic = NonNullable<MeshFile['spec']['traffic']>[number];

/** What the rules are checked against. */
export interface Surroundings {
  clusters: ResolvedCluster[];
  namespaces: ResolvedNamespace[];
  workloads: PlacedWorkload[];
}

/** The traffic rules with their namespaces worked out; what contradicts the rest of the mesh is reported. */
export function resolveTraffic(source: MeshSource, around: Surroundings): ResolvedTraffic[] {
  const rules = source.spec.traffic ?? [];
  checkDuplicates(source, 'traffic', 'host');
  return rules.map((rule, index) => {
    const [, namespace = ''] = rule.host.split('.');
    checkRoutes(source, rule, index);
    checkFailover(source, rule, index, around.clusters);
    checkHostPods(source, rule, index, around.workloads);
    // The rules themselves are objects in this namespace of each primary.
    const clusters = around.clusters.filter(({ role }) => role === 'primary').map(({ name }) => name);
    const place = source.at('traffic', index, 'host');
    checkNamespace(source, { name: namespace, clusters, place, use: 'the rule' }, around.namespaces);
    return {
      host: rule.host,
      namespace,
      subsets: rule.subsets ?? {},
      routes: (rule.routes ?? []) as ResolvedRoute[],
      failover: rule.failover ?? [],
      ...(rule.outlierDetection === undefined ? {} : { outlierDetection: rule.outlierDetection }),
      preventDelete: rule.lifecycle?.preventDelete ?? defaults.preventDelete,
      source: source.at('traffic', index),
    };
  });
}
