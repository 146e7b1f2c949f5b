import { isInjectable } from '../../model/injection.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import type { SourceNode } from '../yaml/source-node.js';
import { capturesDns } from './dns-capture.js';
import type { DeclaredPods, MeshView } from './mesh-view.js';
import { nameOf } from './placed-objects.js';
import { routedHosts } from './routed-hosts.js';

/** Why a cluster is taken for one whose pods call a host. */
interface Call {
  at: SourceNode['at'];
  /** The first half of a sentence, up to its colon. */
  because: string;
}

/**
 * Reports clusters that call a Service and in which its name does not resolve. Who calls what is nowhere
 * written, so only what gives a caller away is taken for one: a manifest that names the host, a failover from
 * its region, or injected pods in the host's own namespace.
 */
export function checkCallers(source: MeshSource, view: MeshView): void {
  if (capturesDns(source)) return;
  const routed = new Map(routedHosts(view).map(({ host, at }) => [host, at]));
  for (const host of new Set(view.services.map((service) => service.host))) {
    const known = view.clustersWith(host);
    for (const { name } of view.clusters) {
      if (known.has(name)) continue;
      const isServed = view.knowsPods(name, host);
      const call =
        mentionOf(host, name, view) ??
        // Rules of a host say nothing of clusters that its istiod does not serve.
        (isServed ? ruledCall(source, host, name, view) : undefined) ??
        (isServed ? neighbourCall(host, name, view, routed.get(host)) : undefined);
      if (call === undefined) continue;
      const [service] = view.servicesOf(host);
      source.findings.lint('not-callable', call.at, {
        subject: `${host}/${name}`,
        message: `${call.because}: its Service is in ${[...known].join(', ')} only, so there the name does not resolve`,
        hint: isServed
          ? `add ${name} to \`callableFrom\` of \`${service?.workload.manifests}\``
          : `run it in a cluster of the primary of ${name} too, whose istiod knows nothing of the others`,
      });
    }
  }
}

function mentionOf(host: string, cluster: string, view: MeshView): Call | undefined {
  for (const pods of view.pods) {
    if (pods.cluster !== cluster) continue;
    const at = findMention(pods.owner.tree, mentionOfHost(host, pods.namespace));
    if (at) return { at, because: `${nameOf(pods.owner)} in ${cluster} names \`${host}\`` };
  }
  return undefined;
}

/** The host in full, with its namespace, or short within its namespace where it stands in a URL or with a port. */
function mentionOfHost(host: string, namespace: string): RegExp {
  const [name = '', home = ''] = host.split('.');
  const full = `(?<![\\w.-])${name}\\.${home}(\\.svc(\\.cluster\\.local)?)?(?![\\w.-])`;
  if (namespace !== home) return new RegExp(full);
  return new RegExp(`${full}|://${name}(?![\\w.-])|(?<![\\w./-])${name}:\\d`);
}

/** Where containers are told whom to call. */
const TELLING = new Set(['env', 'args', 'command']);

function findMention(node: SourceNode, pattern: RegExp, isTelling = false): SourceNode['at'] | undefined {
  if (node.kind === 'scalar')
    return isTelling && typeof node.value === 'string' && pattern.test(node.value) ? node.at : undefined;
  const children =
    node.kind === 'list' ? node.items.map((child) => ['', child] as const) : Object.entries(node.entries);
  for (const [key, child] of children) {
    const found = findMention(child, pattern, isTelling || TELLING.has(key));
    if (found) return found;
  }
  return undefined;
}

function ruledCall(source: MeshSource, host: string, cluster: string, view: MeshView): Call | undefined {
  const index = (source.spec.traffic ?? []).findIndex((rule) => rule.host === host);
  const rule = source.spec.traffic?.[index];
  if (!rule) return undefined;
  const pods = view.pods.filter((item) => item.cluster === cluster && isInjected(item, view));
  const region = view.clusters.find(({ name }) => name === cluster)?.locality?.region;
  const failover = (rule.failover ?? []).findIndex(({ from }) => from === region);
  if (failover >= 0 && pods.length > 0) {
    const at = source.at('traffic', index, 'failover', failover, 'from');
    return { at, because: `callers in ${region}, which is ${cluster}, are to fail over` };
  }
  return neighbourCall(host, cluster, view, source.at('traffic', index, 'host'));
}

/** Injected pods in the namespace of a host that has rules of routing, which are for them. */
function neighbourCall(
  host: string,
  cluster: string,
  view: MeshView,
  at: SourceNode['at'] | undefined,
): Call | undefined {
  const [, namespace] = host.split('.');
  const near = view.pods.find(
    (item) => item.cluster === cluster && item.namespace === namespace && isInjected(item, view),
  );
  if (!at || !near) return undefined;
  return { at, because: `${nameOf(near.owner)} in ${cluster} is of the namespace of \`${host}\`` };
}

/** Whether pods get a sidecar. */
export const isInjected = ({ cluster, namespace, template }: DeclaredPods, view: MeshView): boolean =>
  view.hasInjection(cluster, namespace) && isInjectable(template);
