import ipaddr from 'ipaddr.js';
import { objectPath } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts, Surroundings } from '../model/facts.js';
import type { ApiResource, Cluster, KubeObject, Unread } from '../model/kube.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

const NODES: ApiResource = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false, verbs: [] };
const SLICES: ApiResource = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
  verbs: [],
};

/**
 * Reads from which addresses nodes and API servers of a primary come, one request each, where mesh.yaml does not
 * name their ranges. Undefined where the server does not show them, which is noted in `unread`.
 */
export async function readSurroundings(
  { exposure }: ResolvedCluster['controlPlane'],
  api: Cluster,
  unread: Unread[],
): Promise<Surroundings | undefined> {
  const { nodes, apiServers } = exposure.networkPolicy ?? {};
  const [ofNodes, ofServers] = await Promise.all([
    nodes ??
      orUnread({ ...named(NODES), cluster: api.name }, unread, async () =>
        nodeRanges(await listObjects(api, NODES)),
      ),
    apiServers ??
      orUnread(
        { ...named(SLICES), cluster: api.name, namespace: 'default', name: 'kubernetes' },
        unread,
        async () => serverRanges(await getObject(api, objectPath(SLICES, 'kubernetes', 'default'))),
      ),
  ]);
  return ofNodes && ofServers ? { nodes: ofNodes, apiServers: ofServers } : undefined;
}

const named = ({ apiVersion, kind }: ApiResource) => ({ apiVersion, kind });

interface NodeFields {
  status?: { addresses?: { type: string; address: string }[] };
  spec?: { podCIDRs?: string[] };
}

/**
 * The ranges of nodes. Where a network carries pods' traffic through tunnels (flannel, Calico), what a node sends
 * to a pod of another one has an address of its pod range, which no selector of pods means.
 */
export function nodeRanges(nodes: KubeObject[]): string[] {
  return nodes
    .flatMap((node) => {
      const { status, spec } = node as NodeFields;
      const own = (status?.addresses ?? []).filter(
        ({ type }) => type === 'InternalIP' || type === 'ExternalIP',
      );
      return [
        ...own.map(({ address }) => around(address)),
        ...(spec?.podCIDRs ?? []).map((cidr) => widened(cidr, { ipv4: 16, ipv6: 48 })),
      ];
    })
    .filter(isNew)
    .sort();
}

/** The ranges of the API servers behind the Service `kubernetes`. */
export function serverRanges(slice: KubeObject | undefined): string[] {
  const endpoints = (slice?.endpoints ?? []) as { addresses?: string[] }[];
  return endpoints
    .flatMap(({ addresses = [] }) => addresses.map(around))
    .filter(isNew)
    .sort();
}

const isNew = (range: string, index: number, all: string[]) => all.indexOf(range) === index;

/**
 * Nodes and API servers come and go, mostly within their subnets, and what is new must not be locked out until the
 * next apply: of a private address its /24 (IPv6 /64) is taken. A public one is taken as it is.
 */
function around(address: string): string {
  const isPublic = ipaddr.parse(address).range() === 'unicast';
  const single = address.includes(':') ? `${address}/128` : `${address}/32`;
  return widened(single, isPublic ? { ipv4: 32, ipv6: 128 } : { ipv4: 24, ipv6: 64 });
}

/** The range around `cidr` of at most so many bits. */
function widened(cidr: string, most: { ipv4: number; ipv6: number }): string {
  const [address, prefix] = ipaddr.parseCIDR(cidr);
  const bits = Math.min(prefix, most[address.kind()]);
  const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${family.networkAddressFromCIDR(`${address}/${bits}`)}/${bits}`;
}

/** Whether a NetworkPolicy is to keep others from istiod of a cluster. */
export const isGuarded = (
  { clusters, fenced }: ResolvedMesh,
  { name, role, controlPlane }: ResolvedCluster,
): boolean =>
  role === 'primary' &&
  controlPlane.exposure.networkPolicy !== undefined &&
  // As istiod is shown to fenced remotes too.
  [...clusters, ...fenced].some((other) => other.role === 'remote' && other.primary === name);

/** Primaries whose nodes or API servers are not shown: a policy might lock istiod's own callers out. */
export function surroundingsFindings(mesh: ResolvedMesh, facts: Facts): Diagnostic[] {
  const blind = mesh.clusters.filter(
    (cluster) =>
      isGuarded(mesh, cluster) &&
      facts.clusters[cluster.name]?.reachable === true &&
      facts.surroundings?.[cluster.name] === undefined,
  );
  return blind.map(({ name, source }) => ({
    severity: 'error',
    code: 'surroundings-unread',
    message: `cluster ${name}: nodes or API servers cannot be read, and a NetworkPolicy that does not let them through would keep API servers from istiod's webhooks`,
    hint: 'Permit reading nodes and the EndpointSlice default/kubernetes, or write their ranges into controlPlane.exposure.networkPolicy, or set that to false.',
    ...source,
  }));
}
