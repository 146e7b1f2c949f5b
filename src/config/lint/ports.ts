import { portsOf, type ServicePort } from '../../model/service.js';
import type { Findings } from '../findings.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { placeOf } from '../yaml/source-node.js';
import type { MeshView } from './mesh-view.js';
import { nameOf } from './placed-objects.js';
import { routedHosts } from './routed-hosts.js';

/** What Istio takes for HTTP, by the name of a port or its `appProtocol` (Istio `pkg/config/protocol`). */
const HTTP = new Set([
  'http',
  'http2',
  'http_proxy',
  'grpc',
  'grpc-web',
  'kubernetes.io/h2c',
  'kubernetes.io/ws',
]);
const OTHERS = new Set(['https', 'tls', 'tcp', 'udp', 'mongo', 'mysql', 'redis', 'kubernetes.io/wss']);

/** Reports hosts whose routes, which are for HTTP, meet Services that do not say that they speak it. */
export function checkPorts(source: MeshSource, view: MeshView): void {
  const told = new Set<ManifestObject>();
  const declared = (source.spec.traffic ?? []).flatMap(({ host, routes }) => (routes?.length ? [host] : []));
  for (const host of [...declared, ...routedHosts(view).map((routed) => routed.host)]) {
    for (const { item } of view.servicesOf(host)) {
      if (told.has(item)) continue;
      told.add(item);
      checkPortsOf(item, host, source.findings);
    }
  }
}

function checkPortsOf(item: ManifestObject, host: string, findings: Findings): void {
  const ports = portsOf(item.object)
    .map((port, index) => ({ port, index, protocol: protocolOf(port) }))
    .filter(({ port }) => (port.protocol ?? 'TCP') === 'TCP');
  // A port for metrics beside that for requests is nothing to tell of.
  if (ports.length === 0 || ports.some(({ protocol }) => protocol === 'http')) return;
  const unknown = ports.find(({ protocol }) => protocol === undefined);
  const { port, index } = unknown ?? (ports[0] as (typeof ports)[number]);
  const field = port.appProtocol === undefined ? 'name' : 'appProtocol';
  const place = placeOf(item.tree, ['spec', 'ports', index, field]);
  const subject = `${nameOf(item)}/${port.port}`;
  const hint =
    'write `appProtocol: http`, or a `name` that is `http` or begins with `http-`, `http2-` or `grpc-`';
  if (unknown) {
    const message = `port ${port.port} of ${nameOf(item)} does not say its protocol: Istio guesses from the first bytes of each connection, and routes of \`${host}\` are for what it takes for HTTP alone`;
    findings.lint('port-protocol', place, { subject, message, hint });
    return;
  }
  const message = `port ${port.port} of ${nameOf(item)} is declared as ${port.appProtocol ?? port.name}: Istio does not look for HTTP in it, so no route of \`${host}\` ever applies`;
  findings.lint('port-not-http', place, { subject, message, hint });
}

/** `http`, another protocol, or undefined where Istio has to guess; `appProtocol` counts before the name. */
function protocolOf({ name = '', appProtocol }: ServicePort): 'http' | 'other' | undefined {
  if (appProtocol !== undefined) return kindOf(appProtocol.toLowerCase());
  const lower = name.toLowerCase();
  return lower.startsWith('grpc-web') ? 'http' : kindOf(lower.split('-')[0] ?? '');
}

function kindOf(word: string): 'http' | 'other' | undefined {
  if (HTTP.has(word)) return 'http';
  return OTHERS.has(word) ? 'other' : undefined;
}
