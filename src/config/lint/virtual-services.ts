import { fullHost } from '../../match/hosts.js';
import { nearestHost, suggestion } from '../../match/nearest.js';
import { CLUSTER_SUFFIX } from '../../model/service.js';
import type { Findings } from '../findings.js';
import { placeOf, type SourceNode, textAt } from '../yaml/source-node.js';
import { isForMesh, type KnownHosts } from './hosts.js';
import { itemsAt, scalarAt } from './nodes.js';
import { nameOf, type PlacedObject } from './placed-objects.js';

/** What VirtualServices are checked against. */
export interface RuleSurroundings {
  hosts: KnownHosts;
  /** The subsets that DestinationRules and `spec.traffic` declare, by full host. */
  subsets: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reports what a VirtualService of a manifest would do otherwise than it says. */
export function checkVirtualService(rule: PlacedObject, around: RuleSurroundings, findings: Findings): void {
  const routes = itemsAt(rule.tree, ['spec', 'http']);
  checkOrder(rule, routes, findings);
  for (const route of routes) checkWeights(rule, itemsAt(route, ['route']), findings);
  checkHosts(rule, around.hosts, findings);
  checkSubsets(rule, around, findings);
}

function checkOrder(rule: PlacedObject, routes: SourceNode[], findings: Findings): void {
  const catchAll = routes.findIndex((route) => itemsAt(route, ['match']).length === 0);
  if (catchAll < 0) return;
  routes.forEach((route, position) => {
    if (position <= catchAll) return;
    findings.lint('unreachable-route', route.at, {
      subject: `${nameOf(rule)}/http/${position}`,
      message: `no request reaches this route: route ${catchAll + 1} takes every request`,
      hint: 'put routes with `match` first',
    });
  });
}

/** Istio takes weights for shares of their sum, so that a mistake changes every share in silence. */
function checkWeights(rule: PlacedObject, destinations: SourceNode[], findings: Findings): void {
  if (destinations.length < 2) return;
  const weights = destinations.map((node) => scalarAt(node, ['weight']) ?? 0);
  if (!weights.every((weight) => typeof weight === 'number')) return;
  const sum = weights.reduce<number>((total, weight) => total + Number(weight), 0);
  if (sum === 100) return;
  const [first] = destinations;
  const message =
    sum === 0
      ? 'none of several destinations has a weight: Istio refuses the rule'
      : `the weights sum to ${sum}, not to 100; Istio takes them for shares of ${sum}, and none for 0`;
  findings.lint('weights-sum', placeOf(first as SourceNode, ['weight']), {
    subject: nameOf(rule),
    message,
    hint: 'give every destination a weight; together they make 100',
  });
}

interface Named {
  host: string;
  node: SourceNode;
  /** Whether requests are sent there; else it is a host that the rule is about. */
  isTarget: boolean;
}

function checkHosts(rule: PlacedObject, hosts: KnownHosts, findings: Findings): void {
  const about: Named[] = itemsAt(rule.tree, ['spec', 'hosts']).flatMap((node) =>
    node.kind === 'scalar' && typeof node.value === 'string'
      ? [{ host: node.value, node, isTarget: false }]
      : [],
  );
  const told = new Set<string>();
  for (const { host, node, isTarget } of [...about, ...destinationsOf(rule.tree)]) {
    const full = fullHost(host, rule.object.metadata.namespace ?? '');
    // What a gateway lets in may have any name, and so may what leaves the mesh.
    if (!isTarget && !(isForMesh(rule) && isOfCluster(full, hosts))) continue;
    if (hosts.has(full) || told.has(full)) continue;
    told.add(full);
    findings.lint('unknown-host', placeOf(node, ['host']), unknownHost(host, full, hosts));
  }
}

const isOfCluster = (host: string, hosts: KnownHosts) =>
  host.endsWith(CLUSTER_SUFFIX) || hosts.meantBy(host) !== undefined;

/** What to say of a host that nobody brings; of a rule that nobody would follow. */
export function unknownHost(host: string, full: string, hosts: KnownHosts) {
  const meant = hosts.meantBy(full);
  const message = `no manifest brings the Service of \`${full}\``;
  if (meant !== undefined) {
    const hint = `Istio completes names without dots alone: write \`${meant}\``;
    return {
      subject: full,
      message: `\`${host}\` is no host of the mesh: its requests find no Service`,
      hint,
    };
  }
  const close = nearestHost(full, hosts.all);
  const mind = close === undefined ? 'or mind name and namespace' : `or mind the name: \`${close}\``;
  return { subject: full, message, hint: `add its manifest to \`workloads\`, ${mind}` };
}

function checkSubsets(rule: PlacedObject, around: RuleSurroundings, findings: Findings): void {
  const told = new Set<string>();
  for (const { host, node } of destinationsOf(rule.tree)) {
    const subset = textAt(node, ['subset']);
    const full = fullHost(host, rule.object.metadata.namespace ?? '');
    const declared = around.subsets.get(full) ?? new Set();
    const subject = `${full}/${subset}`;
    if (subset === undefined || declared.has(subset) || told.has(subject)) continue;
    told.add(subject);
    findings.lint('unknown-subset', placeOf(node, ['subset']), {
      subject,
      message: `no DestinationRule declares the subset \`${subset}\` of \`${full}\`: its requests answer 503`,
      hint:
        declared.size > 0
          ? suggestion(subset, declared)
          : 'declare it in `subsets` of a DestinationRule of this host',
    });
  }
}

/** Every destination of a VirtualService, mirrors too, in the order of the file. */
function destinationsOf(tree: SourceNode): Named[] {
  const routes = ['http', 'tcp', 'tls'].flatMap((kind) => itemsAt(tree, ['spec', kind]));
  const nodes = routes.flatMap((route) => [
    ...itemsAt(route, ['route']).map((item) => childNode(item, 'destination')),
    childNode(route, 'mirror'),
    ...itemsAt(route, ['mirrors']).map((item) => childNode(item, 'destination')),
  ]);
  return nodes.flatMap((node) => {
    const host = node && textAt(node, ['host']);
    return node && host !== undefined ? [{ host, node, isTarget: true }] : [];
  });
}

const childNode = (node: SourceNode, key: string) => (node.kind === 'map' ? node.entries[key] : undefined);
