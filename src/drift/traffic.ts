import { authorOf } from '../diff/ownership.js';
import { coversHost } from '../match/hosts.js';
import type { DriftEntry } from '../model/drift.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import type { ResolvedTraffic } from '../model/resolved-mesh.js';
import { signed } from '../plan/drift.js';
import type { DriftInput } from './input.js';

/**
 * Rules of others for a host that mesh.yaml declares. Of several DestinationRules Istio takes the traffic
 * policy of the oldest alone, and of several VirtualServices the routes of the oldest first.
 */
export function trafficDrift(input: DriftInput): DriftEntry[] {
  const declared = new Set(
    input.actions.flatMap((action) =>
      action.objects.map(({ cluster, object }) => addressOf(refOf(cluster, object))),
    ),
  );
  return [...input.meaning.clusters].flatMap(([cluster, { rules }]) =>
    rules.flatMap((rule) => {
      const address = addressOf(refOf(cluster, rule));
      const found = declared.has(address)
        ? undefined
        : input.mesh.traffic.find(({ host }) => isAbout(rule, host));
      return found ? [foreignEntry(address, rule, found)] : [];
    }),
  );
}

function foreignEntry(address: string, rule: KubeObject, { host, source }: ResolvedTraffic): DriftEntry {
  return {
    address,
    lens: 'meaning',
    rule: 'foreign-rule',
    patch: [],
    ...signed(authorOf(rule)),
    message: `a ${rule.kind} beside the declared one for ${host}: Istio merges both, and the older one wins`,
    source,
  };
}

interface RuleSpec {
  host?: string;
  hosts?: string[];
  gateways?: string[];
}

/** Whether a rule steers calls within the mesh to a host. */
function isAbout(rule: KubeObject, host: string): boolean {
  const { host: one, hosts = [], gateways = ['mesh'] } = (rule.spec ?? {}) as RuleSpec;
  if (!gateways.includes('mesh')) return false;
  const { namespace = '' } = rule.metadata;
  return [...(one ? [one] : []), ...hosts].some((written) => coversHost(written, namespace, host));
}
