import { discover } from '../cluster/discovery.js';
import { listObjects } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import { MeshplanError, messageOf } from '../errors/index.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type {
  Cacerts,
  ClusterFacts,
  Facts,
  ReachableCluster,
  ReaderToken,
  Surroundings,
} from '../model/facts.js';
import { isOlder, latestFence } from '../model/fences.js';
import { KIALI_ACCOUNT, kialiView } from '../model/kiali.js';
import { type ApiResource, type Cluster, type KubeObject, secretTexts, type Unread } from '../model/kube.js';
import { CACERTS_SECRET, EXPOSURE_SERVICE, ISTIO_NAMESPACE, READER_TOKEN_SECRET } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { type Installed, type InstalledOptions, readInstalled } from './installed.js';
import { INJECTORS, type Look, lookOf, SECRETS, SERVICES } from './look.js';
import { movesOf } from './moves.js';
import { revisedNamespaces, revisionFindings } from './revisions.js';
import { selfSignedFindings } from './self-signed.js';
import { serverFindings } from './servers.js';
import { isGuarded, readSurroundings } from './surroundings.js';
import { tagInjectorFindings } from './tag-injector.js';
import { settleTrust, type TrustPort } from './trust.js';

/** A cluster of the mesh with what its kubeconfig says beside the connection. */
export interface ClusterAccess {
  cluster: Cluster;
  caData?: string;
  loopbackAllowed: boolean;
}

/** What a cluster alone can tell, before the clusters are put together. */
interface ClusterReading {
  facts: ClusterFacts;
  address?: string;
  cacerts?: Partial<Cacerts>;
  token?: ReaderToken;
  kialiToken?: ReaderToken;
  installed?: Installed;
  surroundings?: Surroundings;
  /** Webhooks, where a namespace wants the sidecar of a revision. */
  injectors?: KubeObject[];
}

const NAMESPACES: ApiResource = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  verbs: [],
};

/** Reads the facts of all clusters in parallel. A cluster that cannot be read becomes a fact itself. */
export async function gatherFacts(
  mesh: ResolvedMesh,
  access: Map<string, ClusterAccess>,
  trust: TrustPort,
  options: InstalledOptions = {},
): Promise<{ facts: Facts; diagnostics: Diagnostic[] }> {
  const readings = new Map<string, ClusterReading>();
  await Promise.all(
    mesh.clusters.map(async (cluster) => {
      const connection = access.get(cluster.name);
      if (connection) readings.set(cluster.name, await readCluster(mesh, cluster, connection, options));
    }),
  );
  const inherited: NonNullable<Facts['inherited']> = {};
  const surroundings: NonNullable<Facts['surroundings']> = {};
  const facts: Facts = {
    clusters: {},
    addresses: {},
    cacerts: {},
    readerTokens: {},
    inherited,
    surroundings,
    remoteSecrets: {},
  };
  for (const [name, reading] of readings) {
    facts.clusters[name] = reading.facts;
    if (reading.address) facts.addresses[name] = reading.address;
    if (reading.token) facts.readerTokens[name] = reading.token;
    if (reading.kialiToken) facts.kialiTokens = { ...facts.kialiTokens, [name]: reading.kialiToken };
    if (reading.surroundings) surroundings[name] = reading.surroundings;
    if (reading.installed?.inherited) inherited[name] = reading.installed.inherited;
    facts.remoteSecrets = { ...facts.remoteSecrets, ...reading.installed?.remoteSecrets };
  }
  const installed = new Map([...readings].map(([name, reading]) => [name, reading.installed] as const));
  facts.moves = movesOf(mesh, facts.clusters, installed);
  const live = new Map([...readings].map(([name, reading]) => [name, reading.cacerts] as const));
  const settled = await settleTrust(mesh, facts, live, trust);
  return {
    facts: { ...facts, ...settled.facts },
    diagnostics: [
      ...settled.diagnostics,
      ...selfSignedFindings(mesh, settled.facts.root, selfSignedOf(readings), trust),
      ...tagInjectorFindings(mesh, installed),
      ...revisionFindings(mesh, new Map([...readings].map(([name, { injectors }]) => [name, injectors]))),
      ...serverFindings(mesh, facts, (name) => access.get(name)?.loopbackAllowed === true),
    ],
  };
}

async function readCluster(
  mesh: ResolvedMesh,
  cluster: ResolvedCluster,
  access: ClusterAccess,
  options: InstalledOptions,
): Promise<ClusterReading> {
  const { cluster: api } = access;
  try {
    const [version, resources, namespaces] = await Promise.all([
      api.request('/version'),
      discover(api),
      listObjects(api, NAMESPACES),
    ]);
    const byName = new Map(namespaces.map((namespace) => [namespace.metadata.name, namespace]));
    const facts: ReachableCluster = {
      reachable: true,
      uid: byName.get('kube-system')?.metadata.uid ?? '',
      server: api.server,
      version: (version.body as { gitVersion?: string }).gitVersion ?? '',
      resources,
      namespaces: byName,
      unread: [],
      ...(access.caData ? { caData: access.caData } : {}),
      loopbackAllowed: access.loopbackAllowed,
    };
    const injectors = await readInjectors(mesh, api, facts.unread);
    const surroundings = isGuarded(mesh, cluster)
      ? await readSurroundings(cluster.controlPlane, api, facts.unread)
      : undefined;
    const kialiToken = await readKialiToken(mesh, cluster, byName, lookOf(api, facts.unread));
    const home = byName.get(ISTIO_NAMESPACE);
    const istio: Omit<ClusterReading, 'facts'> = home
      ? await readIstio(mesh, cluster, lookOf(api, facts.unread), options)
      : declaredAddress(cluster);
    // What a namespace that ends still holds is of no use, but for the authority, which stays the same.
    const { cacerts } = istio;
    const kept = { ...declaredAddress(cluster), ...(cacerts ? { cacerts } : {}) };
    const known = home?.metadata.deletionTimestamp ? kept : istio;
    return {
      facts,
      ...known,
      ...(injectors ? { injectors } : {}),
      ...(surroundings ? { surroundings } : {}),
      ...(kialiToken ? { kialiToken } : {}),
    };
  } catch (error) {
    const hint = error instanceof MeshplanError ? error.hint : undefined;
    const facts: ClusterFacts = {
      reachable: false,
      server: api.server,
      error: messageOf(error),
      ...(hint ? { hint } : {}),
    };
    return { facts, ...declaredAddress(cluster) };
  }
}

/** Asked for only where a declaration makes it matter. */
async function readInjectors(mesh: ResolvedMesh, api: Cluster, unread: Unread[]) {
  if (revisedNamespaces(mesh, api.name).length === 0) return undefined;
  const { apiVersion, kind } = INJECTORS;
  return orUnread({ cluster: api.name, apiVersion, kind }, unread, () =>
    listObjects(api, { ...INJECTORS, verbs: [] }),
  );
}

/** Asked for only where Kiali is to see the cluster. */
async function readKialiToken(
  mesh: ResolvedMesh,
  { name }: ResolvedCluster,
  namespaces: ReadonlyMap<string, KubeObject>,
  look: Look,
): Promise<ReaderToken | undefined> {
  const view = kialiView(mesh);
  if (!view?.others.some((cluster) => cluster.name === name)) return undefined;
  const home = namespaces.get(view.namespace);
  if (!home || home.metadata.deletionTimestamp) return undefined;
  return tokenToUse(mesh, await look(SECRETS, KIALI_ACCOUNT, view.namespace));
}

async function readIstio(
  mesh: ResolvedMesh,
  cluster: ResolvedCluster,
  look: Look,
  options: InstalledOptions,
): Promise<Omit<ClusterReading, 'facts'>> {
  const isPrimary = cluster.role === 'primary';
  const [service, cacerts, token] = await Promise.all([
    isPrimary ? look(SERVICES, EXPOSURE_SERVICE, ISTIO_NAMESPACE) : undefined,
    look(SECRETS, CACERTS_SECRET, ISTIO_NAMESPACE),
    isPrimary ? undefined : look(SECRETS, READER_TOKEN_SECRET, ISTIO_NAMESPACE),
  ]);
  const address = declaredAddress(cluster).address ?? addressOfService(service);
  const credentials = tokenToUse(mesh, token);
  const installed = await readInstalled(mesh, cluster, look, options, cacerts !== undefined);
  return {
    ...(address ? { address } : {}),
    ...(cacerts ? { cacerts: secretTexts(cacerts) } : {}),
    ...(credentials ? { token: credentials } : {}),
    installed,
  };
}

const selfSignedOf = (readings: Map<string, ClusterReading>) =>
  new Map([...readings].map(([name, { installed }]) => [name, installed?.selfSigned] as const));

const declaredAddress = ({ role, controlPlane }: ResolvedCluster) =>
  role === 'primary' && controlPlane.exposure.address ? { address: controlPlane.exposure.address } : {};

/** What the load balancer answered for a Service: an IP or a hostname (AWS). */
export function addressOfService(service: KubeObject | undefined): string | undefined {
  const status = service?.status as
    | { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
    | undefined;
  const ingress = status?.loadBalancer?.ingress?.[0];
  return ingress?.ip ?? ingress?.hostname;
}

/** Who holds a token of before a fence is not to have it; others get the one that is made in its place. */
function tokenToUse(mesh: ResolvedMesh, secret: KubeObject | undefined): ReaderToken | undefined {
  const fence = latestFence(mesh);
  return secret && fence && isOlder(secret, fence.since) ? undefined : readerTokenOf(secret);
}

/** A token Secret's credentials, once the token controller has filled it. */
export function readerTokenOf(secret: KubeObject | undefined): ReaderToken | undefined {
  const { token, 'ca.crt': ca } = secretTexts(secret) as { token?: string; 'ca.crt'?: string };
  return token && ca ? { token, ca } : undefined;
}
