import { fullHost } from '../../match/hosts.js';
import type { SourceRange } from '../../model/diagnostic.js';
import { kindsMadeBy, type TrafficKind } from '../../model/traffic-rules.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { nodeAt, placeOf, textAt } from '../yaml/source-node.js';
import { hostOf } from './destination-rules.js';
import { isForMesh } from './hosts.js';
import { itemsAt } from './nodes.js';
import type { PlacedObject } from './placed-objects.js';

const CONSEQUENCES = {
  VirtualService: 'sidecars follow one of them, and ignore the routes of the other',
  DestinationRule: 'Istio takes subsets from both, but the traffic policy of the older alone',
};

interface Claim {
  kind: keyof typeof CONSEQUENCES;
  host: string;
  /** Of two DestinationRules in different namespaces the caller's own holds, which is well defined. */
  namespace: string;
  place: SourceRange;
  primary: string;
}

/**
 * Reports the second rule of one kind for one host that one istiod reads, whether manifests bring both or
 * `spec.traffic` makes one of them. Rules that are not for everybody (`exportTo`, a selector, gateways) may well
 * stand beside others.
 */
export function checkTwoRules(source: MeshSource, rules: PlacedObject[], primaries: string[]): void {
  const first = new Map<string, SourceRange>();
  const told = new Set<SourceRange>();
  for (const claim of [...declaredClaims(source, primaries), ...rules.flatMap(claimsOf)]) {
    const key = `${claim.primary} ${claim.kind} ${claim.kind === 'DestinationRule' ? claim.namespace : ''} ${claim.host}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, claim.place);
    if (before === undefined || before === claim.place || told.has(claim.place)) continue;
    told.add(claim.place);
    source.findings.lint('two-rules', claim.place, {
      subject: `${claim.kind}/${claim.host}`,
      message: `\`${claim.host}\` has another ${claim.kind} in ${before.file}:${before.line}: ${CONSEQUENCES[claim.kind]}`,
      hint: `make one ${claim.kind} of the two; \`spec.traffic\` makes one for each host`,
    });
  }
}

function declaredClaims(source: MeshSource, primaries: string[]): Claim[] {
  return (source.spec.traffic ?? []).flatMap((rule, index) => {
    const place = source.at('traffic', index, 'host');
    const [, namespace = ''] = rule.host.split('.');
    return primaries.flatMap((primary) =>
      kindsMadeBy(rule).map((kind) => ({ kind, host: rule.host, namespace, place, primary })),
    );
  });
}

function claimsOf(rule: PlacedObject): Claim[] {
  const { tree, primaries } = rule;
  if (nodeAt(tree, ['spec', 'exportTo']) || nodeAt(tree, ['spec', 'workloadSelector'])) return [];
  const kind = rule.object.kind as TrafficKind;
  const { namespace = '' } = rule.object.metadata;
  return hostsWithPlaces(rule).flatMap(({ host, place }) =>
    primaries.map((primary) => ({ kind, host, namespace, place, primary })),
  );
}

function hostsWithPlaces(rule: PlacedObject): { host: string; place: SourceRange }[] {
  const { tree, object } = rule;
  if (object.kind === 'DestinationRule') {
    const host = hostOf(rule);
    return host === undefined ? [] : [{ host, place: placeOf(tree, ['spec', 'host']) }];
  }
  if (!isForMesh(rule)) return [];
  return itemsAt(tree, ['spec', 'hosts']).flatMap((node) => {
    const host = textAt(node, []);
    return host === undefined
      ? []
      : [{ host: fullHost(host, object.metadata.namespace ?? ''), place: node.at }];
  });
}
