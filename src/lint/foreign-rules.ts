import { coversHost } from '../match/hosts.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import type { LintReading } from '../model/lint.js';
import { ISTIO_NAMESPACE, MESH_LABEL } from '../model/names.js';
import type { ResolvedMesh, ResolvedTraffic } from '../model/resolved-mesh.js';
import { kindsMadeBy } from '../model/traffic-rules.js';
import { lintFinding } from './finding.js';

interface RuleSpec {
  host?: string;
  hosts?: string[];
  gateways?: string[];
  exportTo?: string[];
  workloadSelector?: unknown;
}

/**
 * Rules of others for a host that mesh.yaml has rules of the same kind for, each with what comes of the two.
 * `declared` are the addresses of what mesh.yaml makes.
 */
export function foreignRules(
  mesh: ResolvedMesh,
  { rules }: LintReading,
  declared: ReadonlySet<string>,
): Diagnostic[] {
  return [...rules].flatMap(([cluster, objects]) =>
    objects.flatMap((rule) => {
      const address = addressOf(refOf(cluster, rule));
      // One of ours that is no longer declared is deleted by the same plan.
      if (declared.has(address) || rule.metadata.labels?.[MESH_LABEL] === mesh.name) return [];
      return mesh.traffic.flatMap((traffic) => {
        const own = objects.find(
          (other) => declared.has(addressOf(refOf(cluster, other))) && isFor(other, traffic, rule.kind),
        );
        const isOfKind = kindsMadeBy(traffic).some((kind) => kind === rule.kind);
        const outcome = isOfKind && outcomeOf(rule, traffic, own);
        if (!outcome) return [];
        return lintFinding('foreign-rule', traffic.source, {
          subject: address,
          message: `${address} is for \`${traffic.host}\` as well: ${outcome}`,
          hint: 'move what it says to `spec.traffic` and delete it; or waive it, if both are meant',
        });
      });
    }),
  );
}

const isFor = (object: KubeObject, { host }: ResolvedTraffic, kind: string) =>
  object.kind === kind && writtenFor(object, host) === host;

/** The host of a rule that covers a full one, as it is written there; for calls within the mesh alone. */
function writtenFor({ spec, metadata }: KubeObject, full: string): string | undefined {
  const { host, hosts = [], gateways = ['mesh'] } = (spec ?? {}) as RuleSpec;
  if (!gateways.includes('mesh')) return undefined;
  const { namespace = '' } = metadata;
  return [...(host ? [host] : []), ...hosts].find((written) => coversHost(written, namespace, full));
}

/** What becomes of calls where both rules are, as the end of a sentence; undefined where nothing does. */
function outcomeOf(
  rule: KubeObject,
  { host, namespace: home }: ResolvedTraffic,
  own: KubeObject | undefined,
): string | undefined {
  const written = writtenFor(rule, host);
  const { exportTo = ['*'], workloadSelector } = (rule.spec ?? {}) as RuleSpec;
  if (written === undefined || exportTo.includes('~') || exportTo.length === 0) return undefined;
  const { namespace = '' } = rule.metadata;
  if (written.startsWith('*'))
    return `its host \`${written}\` is wider, so for this host only the declared rule counts`;
  const readers = exportTo.includes('*')
    ? undefined
    : exportTo.map((name) => (name === '.' ? namespace : name));
  const where = readers === undefined ? '' : ` for callers in ${readers.join(', ')}`;
  if (rule.kind === 'VirtualService')
    return `sidecars follow the older of the two${where}, which is ${olderOf(rule, own)}`;
  if (workloadSelector !== undefined) return `pods that its selector fits follow it alone${where}`;
  // Istio looks for a DestinationRule in the caller's namespace, then in the host's, then in istio-system.
  if (namespace === home)
    return `Istio takes subsets of both${where}, and the traffic policy of the older alone, which is ${olderOf(rule, own)}`;
  if (namespace === ISTIO_NAMESPACE) return undefined;
  return `callers in ${namespace} follow it alone`;
}

function olderOf(rule: KubeObject, own: KubeObject | undefined): string {
  const [theirs, ours] = [rule.metadata.creationTimestamp ?? '', own?.metadata.creationTimestamp];
  return ours !== undefined && ours < theirs ? 'the declared one' : 'that one';
}
