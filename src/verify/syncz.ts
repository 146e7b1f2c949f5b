import type { ProxyStatus, ProxySync, UnsyncedType } from '../model/proxies.js';
import type { VerifyContext } from './context.js';
import { askIstiods } from './istiod.js';
import { PORTS } from './names.js';

/** One line of istiod's `/debug/syncz` (SyncStatus in pilot/pkg/xds/debug.go), so far as it is read. */
interface SynczEntry {
  cluster_id?: string;
  /** Absent for a client that is no proxy of Istio, such as istioctl. */
  proxy?: string;
  proxy_type?: string;
  istio_version?: string;
  /** By type URL. */
  resources?: Record<string, ResourceStatus>;
}

/** Nonces of what was sent and acknowledged; either is missing where nothing was. */
interface ResourceStatus {
  sent?: string;
  acked?: string;
  sentTime?: string;
  lastError?: string;
}

/** A proxy with the cluster that it says it is in. */
export interface ConnectedProxy extends ProxyStatus {
  cluster: string;
  /** The last that it acknowledged of each type; where two looks find the same, it got no further meanwhile. */
  acked: Record<string, string>;
}

/**
 * Every proxy that is connected to the ready istiods of a primary. One that two of them know, as while it moves
 * from one to the other, counts once: where it was sent something last.
 */
export async function readSyncz(context: VerifyContext, primary: string): Promise<ConnectedProxy[]> {
  const answers = await askIstiods(context, primary, PORTS.debug, '/debug/syncz');
  return connectedIn(answers);
}

/** The same, of the istiods' answers. */
export function connectedIn(answers: readonly { pod: string; body: string }[]): ConnectedProxy[] {
  const newest = new Map<string, { proxy: ConnectedProxy; sentTime: number }>();
  for (const { pod, body } of answers) {
    for (const entry of JSON.parse(body) as SynczEntry[]) {
      const proxy = proxyOf(entry, pod);
      if (!proxy) continue;
      const key = `${proxy.cluster} ${proxy.name}`;
      const sentTime = lastSent(entry);
      if (sentTime > (newest.get(key)?.sentTime ?? Number.NEGATIVE_INFINITY))
        newest.set(key, { proxy, sentTime });
    }
  }
  return [...newest.values()]
    .map(({ proxy }) => proxy)
    .sort((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
}

function proxyOf(entry: SynczEntry, istiod: string): ConnectedProxy | undefined {
  const { cluster_id: cluster, proxy: name, resources = {} } = entry;
  if (!cluster || !name || isTool(resources)) return undefined;
  const types = Object.entries(resources).flatMap(([url, resource]) => unsynced(url, resource));
  return {
    cluster,
    name,
    kind: entry.proxy_type ?? 'sidecar',
    version: entry.istio_version ?? 'unknown',
    istiod,
    status: statusOf(Object.values(resources), types),
    types,
    acked: Object.fromEntries(
      Object.entries(resources).map(([url, { acked }]) => [shortType(url), acked ?? '']),
    ),
  };
}

/** istioctl asks istiod as if it were a proxy, for types that no proxy has. */
const isTool = (resources: SynczEntry['resources'] = {}) =>
  Object.keys(resources).some((url) => url.startsWith('istio.io/debug/'));

/** The worst of its types. One of which nothing was sent counts only where that holds for all. */
function statusOf(resources: readonly ResourceStatus[], types: readonly UnsyncedType[]): ProxySync {
  if (types.some(({ status }) => status === 'rejected')) return 'rejected';
  if (types.length > 0) return 'stale';
  return resources.some(({ sent }) => sent) ? 'synced' : 'not-sent';
}

/** As istiod judges a type for `istioctl proxy-status` (`debugSyncStatus` in pilot/pkg/xds/statusgen.go). */
function unsynced(url: string, { sent, acked, sentTime, lastError }: ResourceStatus): UnsyncedType[] {
  const type = shortType(url);
  const since = isMoment(sentTime) ? { since: sentTime } : {};
  if (lastError) return [{ type, status: 'rejected', ...since, error: errorOf(type, lastError) }];
  return sent && sent !== acked ? [{ type, status: 'stale', ...since }] : [];
}

/** Go writes the year 1 where there was none. */
const isMoment = (time: string | undefined): time is string => time !== undefined && Date.parse(time) > 0;

const lastSent = ({ resources = {} }: SynczEntry): number =>
  Math.max(
    0,
    ...Object.values(resources).map(({ sentTime }) => (isMoment(sentTime) ? Date.parse(sentTime) : 0)),
  );

const LONGEST_ERROR = 300;

/** In one line. Envoy quotes what it rejects, and of a certificate with its key that must not be told. */
function errorOf(type: string, error: string): string {
  if (type === 'SDS') return 'see the log of the proxy';
  const line = error.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST_ERROR ? `${line.slice(0, LONGEST_ERROR)}…` : line;
}

/** The names of Istio for the types (GetShortType in pkg/model/xds.go), by the last part of the type URL. */
const SHORT_TYPES: Record<string, string> = {
  'envoy.config.cluster.v3.Cluster': 'CDS',
  'envoy.config.listener.v3.Listener': 'LDS',
  'envoy.config.route.v3.RouteConfiguration': 'RDS',
  'envoy.config.endpoint.v3.ClusterLoadAssignment': 'EDS',
  'envoy.extensions.transport_sockets.tls.v3.Secret': 'SDS',
  'istio.networking.nds.v1.NameTable': 'NDS',
  'istio.mesh.v1alpha1.ProxyConfig': 'PCDS',
  'envoy.config.core.v3.TypedExtensionConfig': 'ECDS',
  'istio.workload.Address': 'WDS',
  'istio.workload.Workload': 'WDS',
  'istio.security.Authorization': 'WADS',
};

function shortType(url: string): string {
  const name = url.split('/').pop() ?? url;
  return SHORT_TYPES[name] ?? name;
}
