import { authorOf } from '../diff/ownership.js';
import { coversHost } from '../match/hosts.js';
import type { DriftEntry } from '../model/drift.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import { MESH_LABEL } from '../model/names.js';
import type { ResolvedTraffic } from '../model/resolved-mesh.js';
import { signed } from '../plan/drift.js';
import type { DriftInput } from './input.js';

/** Rules of others for a host that mesh.yaml has rules for. */
export function trafficDrift(input: DriftInput): DriftEntry[] {
  const declared = new Set(
    input.actions.flatMap((action) =>
      action.objects.map(({ cluster, object }) => addressOf(refOf(cluster, object))),
    ),
  );
  return [...input.meaning.clusters].flatMap(([cluster, { rules }]) =>
    rules.flatMap((rule) => {
      const address = addressOf(refOf(cluster, rule));
      // Manifests may write another API version than the one that is listed, so the label tells as well.
      const isOurs = declared.has(address) || rule.metadata.labels?.[MESH_LABEL] === input.mesh.name;
      const found = isOurs ? undefined : input.mesh.traffic.find(({ host }) => isAbout(rule, host));
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
    message: `a ${rule.kind} for ${host}, which spec.traffic has rules for: ${precedenceOf(rule)}`,
    source,
  };
}

const precedenceOf = ({ kind }: KubeObject) =>
  kind === 'VirtualService'
    ? 'of two VirtualServices sidecars follow the older one'
    : 'of two DestinationRules Istio takes the traffic policy of the older one';

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
