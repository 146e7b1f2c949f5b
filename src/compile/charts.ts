import ipaddr from 'ipaddr.js';
import type { Facts, Inherited } from '../model/facts.js';
import { isMap } from '../model/json.js';
import type { KubeObject } from '../model/kube.js';
import { actionId } from '../model/names.js';
import type { JsonObject, ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { Unknown } from '../model/unknown.js';

/**
 * Stands for an address that is not known yet while charts are rendered (TEST-NET-2, RFC 5737, which
 * no real load balancer answers). An IP keeps the charts in their IP shape.
 */
export const ADDRESS_SENTINEL = '198.51.100.254';

/** One input of `istioctl manifest generate`: an IstioOperator document. */
export interface ChartInput {
  cluster: string;
  operator: JsonObject;
  /** Set when the input holds the sentinel in place of this value. */
  unknown?: Unknown;
}

/** What istioctl made of each cluster's chart input. */
export type Charts = Record<string, KubeObject[]>;

/** What to render for every cluster, given the addresses that are known. Pure. */
export function chartInputs(
  mesh: ResolvedMesh,
  addresses: Record<string, string>,
  inherited: Facts['inherited'] = {},
): ChartInput[] {
  return mesh.clusters.map((cluster) => {
    const known = addresses[cluster.primary];
    const needsAddress = isExposed(mesh, cluster.primary);
    const operator =
      cluster.role === 'primary'
        ? primaryOperator(
            mesh,
            cluster,
            needsAddress ? (known ?? ADDRESS_SENTINEL) : undefined,
            inherited[cluster.name],
          )
        : remoteOperator(mesh, cluster, known ?? ADDRESS_SENTINEL, inherited[cluster.name]);
    const input: ChartInput = { cluster: cluster.name, operator };
    return needsAddress && known === undefined
      ? { ...input, unknown: unknownAddress(cluster.primary) }
      : input;
  });
}

export const unknownAddress = (primary: string) =>
  new Unknown(actionId.address(primary), `load balancer of ${primary}`);

export const remotesOf = (mesh: ResolvedMesh, primary: string): ResolvedCluster[] =>
  mesh.clusters.filter((cluster) => cluster.role === 'remote' && cluster.primary === primary);

/**
 * Whether a primary shows its istiod to others. A fenced remote counts: its way back must not restart istiod, nor
 * change its address.
 */
export const isExposed = ({ clusters, fenced }: ResolvedMesh, primary: string): boolean =>
  [...clusters, ...fenced].some((cluster) => cluster.role === 'remote' && cluster.primary === primary);

/** The path that tells istiod for which cluster and network it injects (Istio `inject.go`). */
export const injectionPath = (cluster: ResolvedCluster) =>
  `/inject/cluster/${cluster.name}/net/${cluster.network}`;

function primaryOperator(
  mesh: ResolvedMesh,
  cluster: ResolvedCluster,
  address: string | undefined,
  inherited: Inherited | undefined,
): JsonObject {
  const { replicas, resources } = cluster.controlPlane;
  const given = pilotValues(mesh, cluster);
  // A hostname must be among istiod's names before it starts, or webhooks by URL fail (istio#45014).
  const isCustomHost = address !== undefined && (address === ADDRESS_SENTINEL || !ipaddr.isValid(address));
  const derived = {
    global: { externalIstiod: address !== undefined },
    pilot: {
      // replicaCount is without effect while autoscaling is on: the floor is autoscaleMin.
      autoscaleMin: replicas,
      autoscaleMax: Math.max(typeof given.autoscaleMax === 'number' ? given.autoscaleMax : 5, replicas),
      env: {
        // From the start, or the root can never be rotated without losing trust.
        ...(inherited?.multiRoot === false ? {} : { ISTIO_MULTIROOT_MESH: 'true' }),
        ...(isCustomHost ? { ISTIOD_CUSTOM_HOST: address } : {}),
      },
      ...(resources ? { resources } : {}),
      ...(replicas > 1 && inherited?.spread !== false && given.topologySpreadConstraints === undefined
        ? {
            topologySpreadConstraints: [
              spread('topology.kubernetes.io/zone'),
              spread('kubernetes.io/hostname'),
            ],
          }
        : {}),
    },
  };
  return operator(mesh, cluster, 'minimal', inherited ? withoutDefaults(derived) : derived, inherited);
}

/** What the charts say themselves, so that a value which only repeats it changes nothing but texts. */
const CHART_DEFAULTS = {
  externalIstiod: false,
  autoscaleMin: 1,
  autoscaleMax: 5,
  trustDomain: 'cluster.local',
};

/** An installation that was there before is not written anew for values that it has anyway. */
function withoutDefaults({ global, pilot }: { global: JsonObject; pilot: JsonObject }): JsonObject {
  const telling = (values: JsonObject) =>
    Object.fromEntries(
      Object.entries(values).filter(([key, value]) => value !== (CHART_DEFAULTS as JsonObject)[key]),
    );
  return { global: telling(global), pilot: telling(pilot) };
}

/** What the user wrote for istiod's chart, the cluster's over the mesh's. */
function pilotValues(mesh: ResolvedMesh, cluster: ResolvedCluster): JsonObject {
  const { pilot } = mergeValues(mesh.istio.values, cluster.values);
  return isMap(pilot) ? pilot : {};
}

const spread = (topologyKey: string): JsonObject => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { app: 'istiod' } },
});

function remoteOperator(
  mesh: ResolvedMesh,
  cluster: ResolvedCluster,
  address: string,
  inherited: Inherited | undefined,
): JsonObject {
  const path = injectionPath(cluster);
  // Through an ExternalName Service the webhook fails (istio#45014), so a hostname takes a URL.
  const injection = ipaddr.isValid(address)
    ? { injectionPath: path }
    : { injectionURL: `https://${address}:15017${path}` };
  const derived = { global: { remotePilotAddress: address }, istiodRemote: injection };
  return operator(mesh, cluster, 'remote', derived, inherited);
}

function operator(
  mesh: ResolvedMesh,
  cluster: ResolvedCluster,
  profile: string,
  derived: JsonObject,
  inherited: Inherited | undefined,
): JsonObject {
  const { hub, tag, meshConfig, values } = mesh.istio;
  const { domain } = mesh.trust;
  const common: JsonObject = {
    global: { meshID: mesh.name, network: cluster.network, multiCluster: { clusterName: cluster.name } },
  };
  return {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: `${mesh.name}-${cluster.name}` },
    spec: {
      profile,
      ...(hub ? { hub } : {}),
      ...(tag ? { tag } : {}),
      meshConfig:
        inherited && domain === CHART_DEFAULTS.trustDomain
          ? meshConfig
          : mergeValues(meshConfig, { trustDomain: domain }),
      values: [cluster.values, common, derived].reduce(mergeValues, values),
    },
  };
}

/** Helm's way of merging values: maps are merged key by key, all else is replaced by the later one. */
export function mergeValues(base: JsonObject, over: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? mergeValues(below, value) : value;
  }
  return merged;
}

/** Puts the typed unknown wherever rendered text holds the sentinel. */
export function withUnknowns<T>(value: T, unknown: Unknown | undefined): T {
  if (!unknown) return value;
  const walk = (node: unknown): unknown => {
    if (typeof node === 'string') return node.includes(ADDRESS_SENTINEL) ? unknown : node;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child)]));
  };
  return walk(value) as T;
}
