import { fullHost } from '../../match/hosts.js';
import { carries } from '../../match/labels.js';
import { suggestion } from '../../match/nearest.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { Findings } from '../findings.js';
import type { HostPods } from '../resolve/subset-pods.js';
import { keyPlaceOf, nodeAt, placeOf, type SourceNode, textAt } from '../yaml/source-node.js';
import type { KnownHosts } from './hosts.js';
import { entriesAt, itemsAt, scalarAt } from './nodes.js';
import { nameOf, type PlacedObject } from './placed-objects.js';
import { unknownHost } from './virtual-services.js';

interface Surroundings {
  hosts: KnownHosts;
  clusters: ResolvedCluster[];
  pods: HostPods;
}

/** The full host of a DestinationRule; undefined where it names none. */
export function hostOf({ tree, object }: PlacedObject): string | undefined {
  const host = textAt(tree, ['spec', 'host']);
  return host === undefined ? undefined : fullHost(host, object.metadata.namespace ?? '');
}

/** Reports what a DestinationRule of a manifest would do otherwise than it says. */
export function checkDestinationRule(rule: PlacedObject, around: Surroundings, findings: Findings): void {
  const host = hostOf(rule);
  if (host === undefined) return;
  if (!around.hosts.has(host)) {
    const written = textAt(rule.tree, ['spec', 'host']) ?? host;
    findings.lint(
      'unknown-host',
      placeOf(rule.tree, ['spec', 'host']),
      unknownHost(written, host, around.hosts),
    );
  } else {
    checkPods(rule, host, around.pods.of(host), findings);
  }
  const whole = nodeAt(rule.tree, ['spec', 'trafficPolicy']);
  const ofSubsets = itemsAt(rule.tree, ['spec', 'subsets']).map((node) => nodeAt(node, ['trafficPolicy']));
  for (const policy of [whole, ...ofSubsets]) {
    // A subset keeps what it does not write itself.
    if (policy) checkLocality(policy, whole, { host, rule, findings, clusters: around.clusters });
  }
}

function checkPods(
  rule: PlacedObject,
  host: string,
  pods: Record<string, unknown>[] | undefined,
  findings: Findings,
): void {
  if (pods === undefined) return;
  for (const subset of itemsAt(rule.tree, ['spec', 'subsets'])) {
    const labels = entriesAt(subset, ['labels']).flatMap(([key, node]) =>
      node.kind === 'scalar' ? [[key, node.value] as const] : [],
    );
    const wanted = Object.fromEntries(labels);
    if (pods.some((pod) => carries(pod, wanted))) continue;
    const name = textAt(subset, ['name']) ?? '';
    const text = labels.map(([key, value]) => `${key}=${value}`).join(', ');
    findings.lint('empty-subset', placeOf(subset, ['name']), {
      subject: `${host}/${name}`,
      message: `no pods of \`${host}\` carry ${text}: the subset \`${name}\` is empty`,
      hint: 'requests routed to it answer 503; add a workload with these labels, or route nothing to it',
    });
  }
}

interface LocalityContext {
  host: string;
  rule: PlacedObject;
  findings: Findings;
  clusters: ResolvedCluster[];
}

const LOCALITY = ['loadBalancer', 'localityLbSetting'];

function checkLocality(policy: SourceNode, whole: SourceNode | undefined, context: LocalityContext): void {
  const setting = nodeAt(policy, LOCALITY);
  if (setting === undefined || scalarAt(setting, ['enabled']) === false) return;
  const failover = itemsAt(setting, ['failover']);
  const distribute = itemsAt(setting, ['distribute']);
  const { findings } = context;
  if (failover.length > 0 && distribute.length > 0) {
    const message = '`failover` and `distribute` exclude each other: Istio refuses the rule';
    const hint =
      'keep `failover`; or write shares in `distribute`, which sends on when a locality has no healthy pods';
    findings.error('failover-and-distribute', keyPlaceOf(setting, ['distribute']), message, hint);
  }
  if (failover.length > 0) checkDetection(policy, whole, context);
  for (const item of failover) checkFailover(item, context);
  for (const item of distribute) {
    checkRegion(nodeAt(item, ['from']), textAt(item, ['from']), context);
    for (const [locality, node] of entriesAt(item, ['to'])) {
      checkRegion({ ...node, at: node.keyAt ?? node.at }, locality, context);
    }
  }
}

function checkDetection(policy: SourceNode, whole: SourceNode | undefined, context: LocalityContext): void {
  const { host, findings } = context;
  const detection = nodeAt(policy, ['outlierDetection']) ?? (whole && nodeAt(whole, ['outlierDetection']));
  if (detection === undefined) {
    findings.lint('failover-without-detection', keyPlaceOf(policy, [...LOCALITY, 'failover']), {
      subject: host,
      message: '`failover` does nothing without `outlierDetection`: no pod is ever taken for failing',
      hint: 'add `outlierDetection: { consecutive5xxErrors: 5, interval: 30s, baseEjectionTime: 30s, maxEjectionPercent: 100 }`',
    });
    return;
  }
  // Istio leaves 0 out of what it sends to Envoy, which then takes its default.
  if (Number(scalarAt(detection, ['maxEjectionPercent']) ?? 0) > 0) return;
  findings.lint('ejection-limit', detection.keyAt ?? detection.at, {
    subject: host,
    message:
      'without `maxEjectionPercent` at most 10 % of the pods are ejected: a region whose pods all fail keeps its traffic',
    hint: 'add `maxEjectionPercent: 100`; `failover` in `spec.traffic` sets it by itself',
  });
}

function checkFailover(item: SourceNode, context: LocalityContext): void {
  const [from, to] = [textAt(item, ['from']), textAt(item, ['to'])];
  if (from !== undefined && from === to) {
    const message = `\`${from}\` cannot fail over to itself: Istio refuses the rule`;
    context.findings.error('same-region', placeOf(item, ['to']), message, 'name another region');
  }
  checkRegion(nodeAt(item, ['from']), from, context);
  if (to !== from) checkRegion(nodeAt(item, ['to']), to, context);
}

/** A locality is `REGION/ZONE/SUBZONE`; `*` is any. */
function checkRegion(
  node: SourceNode | undefined,
  locality: string | undefined,
  context: LocalityContext,
): void {
  const region = locality?.split('/')[0];
  const known = context.clusters.flatMap(({ locality: own }) => (own ? [own.region] : []));
  if (!node || !region || region === '*' || known.includes(region)) return;
  context.findings.lint('unknown-region', node.at, {
    subject: region,
    message: `no cluster is in the region \`${region}\`: ${nameOf(context.rule)} never applies there`,
    hint: known.length > 0 ? suggestion(region, new Set(known)) : 'give the clusters a `locality`',
  });
}
