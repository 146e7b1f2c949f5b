import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import { kindsMadeBy } from '../../model/traffic-rules.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { HostPods } from '../resolve/subset-pods.js';
import type { PlacedWorkload } from '../resolve/workloads.js';
import { placeOf, textAt } from '../yaml/source-node.js';
import { checkDestinationRule, hostOf } from './destination-rules.js';
import { KnownHosts } from './hosts.js';
import { checkIstioOperator } from './istio-operator.js';
import { checkIstiodObject } from './istiod-objects.js';
import { checkMetrics } from './metrics.js';
import { itemsAt } from './nodes.js';
import { isOfGroup, nameOf, type PlacedObject, placedObjects } from './placed-objects.js';
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
  const own = read.filter((item) => !isMadeByTraffic(source, item));
  const services = own.filter(isNetworking('VirtualService'));
  const rules = own.filter(isNetworking('DestinationRule'));
  const hosts = new KnownHosts(objects);
  const pods = new HostPods(workloads);
  const around = { hosts, subsets: declaredSubsets(source, rules) };
  for (const item of services) checkVirtualService(item, around, findings);
  for (const item of rules) checkDestinationRule(item, { hosts, clusters, pods }, findings);
  const primaries = clusters.flatMap(({ name, role }) => (role === 'primary' ? [name] : []));
  checkTwoRules(source, [...services, ...rules], primaries);
}

/** Reports a rule that is, by its name, the very object which `spec.traffic` makes for a host. */
function isMadeByTraffic({ spec, findings }: MeshSource, item: PlacedObject): boolean {
  const { kind, metadata } = item.object;
  if (!isNetworking('VirtualService')(item) && !isNetworking('DestinationRule')(item)) return false;
  const made = spec.traffic?.find(
    (rule) =>
      rule.host.startsWith(`${metadata.name}.${metadata.namespace}.`) &&
      kindsMadeBy(rule).some((own) => own === kind),
  );
  if (!made) return false;
  findings.lint('managed-object', placeOf(item.tree, ['metadata', 'name']), {
    subject: nameOf(item),
    message: `\`spec.traffic\` makes ${kind} \`${metadata.name}\` itself, for \`${made.host}\`: one of the two would be left out`,
    hint: 'take one of the two out: this rule, or the host in `spec.traffic`',
  });
  return true;
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
