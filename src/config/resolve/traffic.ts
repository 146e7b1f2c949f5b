import type { MeshFile } from '../../model/mesh.js';
import type {
  ResolvedCluster,
  ResolvedNamespace,
  ResolvedRoute,
  ResolvedTraffic,
} from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import { checkDistribute } from './distribute.js';
import { checkDuplicates } from './duplicates.js';
import { checkFailover } from './failover.js';
import type { MeshSource } from './mesh-source.js';
import { checkNamespace } from './namespace-references.js';
import { checkRoutes } from './routes.js';
import { checkHostPods, HostPods } from './subset-pods.js';
import { checkPolicies } from './traffic-policy.js';
import type { PlacedWorkload } from './workloads.js';

export type Traffic = NonNullable<MeshFile['spec']['traffic']>[number];
type Route = NonNullable<Traffic['routes']>[number];

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
  const pods = new HostPods(around.workloads);
  return rules.map((rule, index) => {
    const [, namespace = ''] = rule.host.split('.');
    checkRoutes(source, rule, index, pods);
    checkPolicies(source, rule, index);
    checkFailover(source, rule, index, around.clusters);
    checkDistribute(source, rule, index, around.clusters);
    checkHostPods(source, rule, index, pods);
    // The rules themselves are objects in this namespace of each primary.
    const clusters = around.clusters.filter(({ role }) => role === 'primary').map(({ name }) => name);
    const place = source.at('traffic', index, 'host');
    checkNamespace(source, { name: namespace, clusters, place, use: 'the rule' }, around.namespaces);
    return {
      host: rule.host,
      namespace,
      subsets: rule.subsets ?? {},
      subsetPolicies: rule.subsetPolicies ?? {},
      routes: (rule.routes ?? []).map((route) => resolveRoute(rule.host, route)),
      failover: rule.failover ?? [],
      distribute: rule.distribute ?? [],
      ...policyOf(rule),
      preventDelete: rule.lifecycle?.preventDelete ?? defaults.preventDelete,
      source: source.at('traffic', index),
    };
  });
}

function resolveRoute(host: string, { match, mirrors, fault, ...route }: Route): ResolvedRoute {
  const { percent } = defaults;
  const { delay, abort } = fault ?? {};
  return {
    ...route,
    ...(match === undefined ? {} : { match: [match].flat() }),
    ...(mirrors === undefined ? {} : { mirrors: mirrors.map((mirror) => ({ host, percent, ...mirror })) }),
    ...(fault === undefined
      ? {}
      : {
          fault: {
            ...(delay === undefined ? {} : { delay: { percent, ...delay } }),
            ...(abort === undefined ? {} : { abort: { percent, ...abort } }),
          },
        }),
  };
}

/** What is passed on as it is. */
function policyOf({
  outlierDetection,
  connectionPool,
  loadBalancer,
  tls,
}: Traffic): Partial<ResolvedTraffic> {
  return {
    ...(outlierDetection === undefined ? {} : { outlierDetection }),
    ...(connectionPool === undefined ? {} : { connectionPool }),
    ...(loadBalancer === undefined ? {} : { loadBalancer }),
    ...(tls === undefined ? {} : { tls }),
  };
}
