import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import type { PlacedWorkload } from '../resolve/workloads.js';
import { textAt } from '../yaml/source-node.js';
import { checkDestinationRule, hostOf } from './destination-rules.js';
import { KnownHosts } from './hosts.js';
import { checkIstioOperator } from './istio-operator.js';
import { checkIstiodObject } from './istiod-objects.js';
import { checkMetrics } from './metrics.js';
import { itemsAt } from './nodes.js';
import { isOfGroup, type PlacedObject, placedObjects } from './placed-objects.js';
import { checkTwoRules } from './two-rules.js';
import { checkUnread } from './unread-rule.js';
import { checkVirtualService, type RuleSurroundings } from './virtual-services.js';

interface Surroundings {
  clusters: ResolvedCluster[];
  workloads: PlacedWorkload[];
}

const isNetworking = (kind: string) => (item: PlacedObject) => isOfGroup(item, 'networking.istio.io', kind);

/**
 * Reports what manifests bring of Istio's own that would fail, or would not do what it says. These are the
 * files that people arrive with: written for `kubectl apply` and `istioctl install` by a guide.
 */
export function lintManifests(source: MeshSource, { clusters, workloads }: Surroundings): void {
  const { findings } = source;
  const objects = placedObjects(workloads, clusters);
  for (const item of objects) {
    checkIstioOperator(item, findings);
    checkIstiodObject(item, findings);
    checkMetrics(item, findings);
    checkUnread(item, clusters, findings);
  }
  // What nobody reads is told; whether it would be right elsewhere is for later.
  const read = objects.filter((item) => item.primaries.length > 0);
  const services = read.filter(isNetworking('VirtualService'));
  const rules = read.filter(isNetworking('DestinationRule'));
  const hosts = new KnownHosts(objects);
  const around = { hosts, subsets: declaredSubsets(source, rules) };
  for (const item of services) checkVirtualService(item, around, findings);
  for (const item of rules) checkDestinationRule(item, { hosts, clusters, workloads }, findings);
  const primaries = clusters.flatMap(({ name, role }) => (role === 'primary' ? [name] : []));
  checkTwoRules(source, [...services, ...rules], primaries);
}

function declaredSubsets(source: MeshSource, rules: PlacedObject[]): RuleSurroundings['subsets'] {
  const subsets = new Map<string, Set<string>>();
  const add = (host: string, names: string[]) =>
    subsets.set(host, new Set([...(subsets.get(host) ?? []), ...names]));
  for (const { host, subsets: own } of source.spec.traffic ?? []) add(host, Object.keys(own ?? {}));
  for (const rule of rules) {
    const names = itemsAt(rule.tree, ['spec', 'subsets']).map((node) => textAt(node, ['name']) ?? '');
    add(hostOf(rule) ?? '', names);
  }
  return subsets;
}
