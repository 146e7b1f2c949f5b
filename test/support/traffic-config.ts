import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { podsOf } from './ask.js';
import type { Lab } from './lab.js';
import { type Message, type ProxyConfig, pushedTo } from './proxy.js';

const domain = (name: string) => `${name}.production.svc.cluster.local`;
const cluster = (name: string, subset = '') => `outbound|80|${subset}|${domain(name)}`;
const BACKEND = ['', 'v1', 'v2'].map((subset) => cluster('backend', subset));
const CATALOG = cluster('catalog');
const NO_LIMIT = 4_294_967_295;

/** What istiod would push to the caller in a cluster, which is registered as a proxy for a moment. */
async function pushed(lab: Lab, caller: string): Promise<ProxyConfig> {
  const [pod] = await podsOf(lab, caller, 'frontend');
  assert.ok(pod);
  const proxy = {
    cluster: caller,
    namespace: 'production',
    name: pod?.name ?? '',
    address: pod?.address ?? '',
  };
  return pushedTo(lab, 'cluster-1', proxy, { routes: ['80'], endpoints: [...BACKEND, CATALOG] });
}

/** What the example `traffic` declares, as istiod would push it to a caller in the primary and in the remote. */
export async function lookAtTraffic(lab: Lab): Promise<void> {
  for (const caller of ['cluster-1', 'cluster-2']) {
    const config = await pushed(lab, caller);
    assert.equal(routesOf(config), ROUTES, caller);
    assertClusters(config);
    const [own, other] = caller === 'cluster-1' ? ['us-east-1', 'us-west-2'] : ['us-west-2', 'us-east-1'];
    for (const [index, name] of BACKEND.entries()) {
      const pods = index === 0 ? 2 : 1;
      assert.equal(placesOf(config, name), { [own]: [pods, 0], [other]: [pods, 1] }, name);
    }
    assert.equal(placesOf(config, CATALOG), { [own]: [80, 0], [other]: [20, 0] });
  }
  await lookAtRemoval(lab);
}

/** Each route of the backend: what it matches, where it leads, and what is done on the way; what is not there is left out. */
function routesOf({ routes }: ProxyConfig): Message[] {
  const hosts: Message[] = routes.get('80')?.virtualHosts ?? [];
  const host = hosts.find(({ domains }) => domains.includes(domain('backend')));
  return host.routes.map(({ match, route, typedPerFilterConfig }: Message) => {
    const { headers = [], queryParameters = [], prefix, caseSensitive } = match;
    const { retryPolicy: policy, weightedClusters, requestMirrorPolicies = [] } = route;
    const { delay, abort } = typedPerFilterConfig?.['envoy.filters.http.fault'] ?? {};
    const conditions: Message[] = [...headers, ...queryParameters];
    return given({
      if: conditions.map(({ name, stringMatch }) => [name, stringMatch.exact ?? stringMatch.safeRegex.regex]),
      prefix: prefix === '/' ? undefined : [prefix, caseSensitive],
      to: weightedClusters?.clusters.map(({ name, weight }: Message) => [name, weight]) ?? route.cluster,
      timeout: route.timeout === '0s' ? undefined : route.timeout,
      retries:
        policy && policy.retryOn !== BY_DEFAULT
          ? [policy.numRetries, policy.perTryTimeout]
          : policy?.numRetries,
      mirrors: requestMirrorPolicies.map((mirror: Message) => [
        mirror.cluster,
        share(mirror.runtimeFraction.defaultValue),
      ]),
      delay: delay && [delay.fixedDelay, share(delay.percentage)],
      abort: abort && [abort.httpStatus, share(abort.percentage)],
    });
  });
}

/** On what Istio repeats requests where nothing is declared. */
const BY_DEFAULT = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
const share = ({ numerator, denominator }: Message) => {
  assert.is(denominator, 'MILLION');
  return numerator / 1_000_000;
};
const given = (fields: Record<string, Message>) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value?.length !== 0),
  );

const [, V1 = '', V2 = ''] = BACKEND;
const ROUTES = [
  { if: [['x-beta', 'true']], to: V2, retries: 2 },
  { if: [['beta', 'true']], to: V2, retries: 2 },
  { if: [[':method', 'POST|PUT|DELETE']], to: V1, timeout: '10s' },
  { if: [['x-chaos', 'true']], to: V1, retries: 2, delay: ['0.500s', 0.5], abort: [503, 0.2] },
  { prefix: ['/api/', false], to: V1, retries: 2, mirrors: [[cluster('shadow'), 0.25]] },
  {
    to: [
      [V1, 90],
      [V2, 10],
    ],
    timeout: '5s',
    retries: [2, '2s'],
  },
];

function assertClusters({ clusters }: ProxyConfig): void {
  const [all, v1, v2] = BACKEND.map((name) => clusters.get(name));
  const limits = ({ circuitBreakers }: Message) => circuitBreakers.thresholds[0];
  for (const item of [all, v1]) {
    const { maxConnections, maxPendingRequests, maxRequests, maxRetries } = limits(item);
    assert.equal([maxConnections, maxPendingRequests, maxRequests, maxRetries], [100, 100, 1000, 10]);
    assert.is(item.connectTimeout, '3s');
  }
  // A subset's pool stands in the place of the host's, all of it.
  assert.equal(
    [limits(v2).maxPendingRequests, limits(v2).maxRequests, v2.connectTimeout],
    [10, NO_LIMIT, '10s'],
  );
  for (const { outlierDetection } of [all, v1, v2]) {
    const { consecutive5xx, consecutiveGatewayFailure, interval, baseEjectionTime, maxEjectionPercent } =
      outlierDetection;
    const found = [consecutive5xx, consecutiveGatewayFailure, interval, baseEjectionTime, maxEjectionPercent];
    assert.equal(found, [5, 3, '5s', '30s', 100]);
  }
  // Without `tls` each pod is spoken to as it can be; ISTIO_MUTUAL leaves no choice.
  assert.equal(
    all.transportSocketMatches.map(({ name }: Message) => name),
    ['tlsMode-istio', 'tlsMode-disabled'],
  );
  const catalog = clusters.get(CATALOG);
  assert.is(catalog.transportSocket.name, 'envoy.transport_sockets.tls');
  assert.is(catalog.transportSocketMatches, undefined);
  // ROUND_ROBIN is Envoy's zero value, which its JSON leaves out.
  assert.is(catalog.lbPolicy, undefined);
  assert.is(clusters.get(cluster('shadow')).lbPolicy, 'RING_HASH');
}

/** The weight and the priority of a cluster's endpoints by region. */
function placesOf({ endpoints }: ProxyConfig, name: string): Record<string, [number, number]> {
  const groups: Message[] = endpoints.get(name)?.endpoints ?? [];
  const filled = groups.filter(({ lbEndpoints }) => lbEndpoints?.length > 0);
  return Object.fromEntries(
    filled.map(({ locality, loadBalancingWeight, priority = 0 }) => [
      locality.region,
      [loadBalancingWeight, priority],
    ]),
  );
}

/** Policies that are taken out of mesh.yaml leave nothing behind, and DISABLE is told before it is done. */
async function lookAtRemoval(lab: Lab): Promise<void> {
  const file = join(lab.folder, 'mesh.yaml');
  const text = await readFile(file, 'utf8');
  const less = text
    .replace('ISTIO_MUTUAL }', 'DISABLE }')
    .replace(/ +mirrors:\n.*\n/, '')
    .replace(/ +fault:\n.*\n.*\n/, '')
    .replace(/ +connectionPool:\n.*\n.*\n +subsetPolicies:\n.*\n/, '')
    .replace(/ +loadBalancer: \{ simple.*\n/, '');
  assert.is(less.split('\n').length, text.split('\n').length - 11);
  await writeFile(file, less);
  const planned = await lab.meshplan('plan', '-o', 'json');
  const { actions, diagnostics } = JSON.parse(planned.stdout) as Message;
  assert.equal(
    actions.filter(({ change }: Message) => change !== 'noop').map(({ id, impact }: Message) => [id, impact]),
    [
      [`cluster-1/traffic/${domain('backend')}`, 'proxies-reconnect'],
      [`cluster-1/traffic/${domain('catalog')}`, 'mtls-risk'],
    ],
  );
  assert.equal(
    diagnostics.map(({ code }: Message) => code),
    ['mtls-off'],
  );
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.is((await lab.meshplan('plan', '--detailed-exitcode')).code, 0);
  const config = await pushed(lab, 'cluster-2');
  for (const route of routesOf(config))
    assert.equal([route.mirrors, route.delay, route.abort], [undefined, undefined, undefined]);
  const [all] = BACKEND.map((name) => config.clusters.get(name));
  assert.is(all.circuitBreakers.thresholds[0].maxConnections, NO_LIMIT);
  const { transportSocket, transportSocketMatches } = config.clusters.get(CATALOG);
  assert.equal([transportSocket, transportSocketMatches], [undefined, undefined]);
}
