import type { TrafficReason } from '../model/traffic.js';
import type { LogLine } from './access-log.js';
import type { CurlResult } from './curl.js';

/** What to do about each reason. `from` and `to` are clusters, `primary` serves the caller. */
export const HINTS: Record<TrafficReason, (from: string, to: string, primary: string) => string> = {
  'no-sidecar': (from) =>
    `Mend the injection of ${from} first: see the checks injector-address and injection.`,
  dns: (from) =>
    `The cluster's DNS does not know the Service: see CoreDNS in ${from} and its reach to the API server.`,
  'no-endpoint': (from, to, primary) =>
    from === to
      ? `istiod of ${primary} told the proxy no server of ${to}: see the check cluster-synced.`
      : `istiod of ${primary} told the proxies of ${from} no server of ${to}: see the checks cluster-synced and remote-secret of ${to}.`,
  'no-route': (from) =>
    `The proxy in ${from} has no route for the host: look for a Sidecar, or a VirtualService of others for all hosts.`,
  tls: (_from, to) =>
    `The proxies do not trust each other's certificates: see the check one-root, and PeerAuthentication and DestinationRule objects that set TLS for ${to}.`,
  refused: (_from, to) =>
    `Nothing listens at the address of the server's pod: see the proxy of the servers in ${to}.`,
  reset: (_from, to) =>
    `The connection was cut: an AuthorizationPolicy or a PeerAuthentication with mode STRICT against a plaintext caller in ${to}, or a firewall.`,
  timeout: (from, to) =>
    from === to
      ? `Packets get lost inside ${to}: look for a NetworkPolicy.`
      : `Packets from pods of ${from} do not reach pods of ${to}: routes, firewalls and NetworkPolicies must let pods of one network reach each other on all ports.`,
  denied: (_from, to, primary) =>
    `An AuthorizationPolicy refuses the test's requests in ${to}: look for one in istio-system of ${primary}.`,
  'http-status': (from) => `See the access log of istio-proxy in ${from}.`,
  'wrong-cluster': (from, to) =>
    `Requests for ${to} arrive elsewhere: pods of ${from} and ${to} may use the same addresses, which clusters of one network must not.`,
  plaintext: (_from, to) =>
    `The server saw no certificate: look for a PeerAuthentication with mode DISABLE, a DestinationRule without TLS for ${to}, or a proxy that takes the header X-Forwarded-Client-Cert away.`,
  identity: (from) =>
    `${from} gives its pods another trust domain than mesh.yaml: see trust.domain and the check versions-agree.`,
  exec: (from) => `Commands in pods of ${from} do not work: try kubectl exec by hand.`,
};

/** curl's exit codes (curl(1)). */
const BY_EXIT_CODE: Record<number, TrafficReason> = {
  6: 'dns',
  7: 'refused',
  28: 'timeout',
  35: 'tls',
  52: 'reset',
  56: 'reset',
};

/** Envoy's response flags (its docs: access logging, RESPONSE_FLAGS), the telling ones first. */
const BY_FLAG: readonly [flag: string, reason: TrafficReason][] = [
  ['UH', 'no-endpoint'],
  ['NC', 'no-endpoint'],
  ['NR', 'no-route'],
  ['UT', 'timeout'],
  ['UC', 'reset'],
  ['UR', 'reset'],
];

const BY_TEXT: readonly [text: RegExp, reason: TrafficReason][] = [
  [/RBAC: access denied|rbac_access_denied/, 'denied'],
  [/TLS[_ ]error|CERTIFICATE_VERIFY_FAILED|SSL routines/, 'tls'],
  [/no healthy upstream|no_healthy_upstream|cluster_not_found/, 'no-endpoint'],
  [/Connection refused|\b111\b/, 'refused'],
  [/connection timeout|connection_timeout|request timeout|response_timeout/, 'timeout'],
  [/route_not_found/, 'no-route'],
  [/connection termination|connection_termination|reset by peer|remote reset/, 'reset'],
];

/** Why a request was not answered with 200, and what shows it. */
export function reasonOf(
  result: CurlResult,
  line: LogLine | undefined,
): { reason: TrafficReason; detail: string } {
  const { status, exitCode, error, body } = result;
  if (exitCode !== 0 && status === 0) {
    const reason = BY_EXIT_CODE[exitCode] ?? 'http-status';
    return { reason, detail: `curl ${exitCode}: ${error || 'no answer'}` };
  }
  const flags = line?.flags ? ` ${line.flags}` : '';
  const words = shortened([body, line?.details].filter(Boolean).join('; '));
  const detail = `HTTP ${status}${flags}${words ? `: ${words}` : ''}`;
  const byText = BY_TEXT.find(([text]) => text.test(words))?.[1];
  const byFlag = BY_FLAG.find(([flag]) => line?.flags.split(',').includes(flag))?.[1];
  return { reason: byText ?? byFlag ?? 'http-status', detail };
}

const LONGEST = 240;

function shortened(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST)}…` : flat;
}
