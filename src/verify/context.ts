import { getObject } from '../cluster/read.js';
import { MeshplanError } from '../errors/index.js';
import type { Analyze } from '../model/analysis.js';
import type { Facts } from '../model/facts.js';
import type { ApiResponse, Cluster, KubeObject, RequestOptions } from '../model/kube.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import type { Connect, KeptFacts, PortForward, VerifyInput } from './input.js';
import { type Probe, probeCluster } from './probe.js';
import type { ConnectedProxy } from './syncz.js';

/** Checks that start together share what they read; a repeated look reads afresh. */
const SHARED_MS = 400;

/** What every check may use. */
export interface VerifyContext {
  mesh: ResolvedMesh;
  facts: Facts;
  portForward: PortForward;
  connect: Connect;
  analyze: Analyze | undefined;
  parseYaml: ((text: string) => unknown) | undefined;
  signal: AbortSignal | undefined;
  /** The first answer of each cluster. */
  probes: ReadonlyMap<string, Probe>;
  /** One object, or undefined where it does not exist. */
  read(cluster: string, path: string): Promise<KubeObject | undefined>;
  request(cluster: string, path: string, options?: RequestOptions): Promise<ApiResponse>;
  /** Does the work once for all who ask within a moment. */
  share<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Does the work once, and anew only where it failed. */
  keep<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** What istiod of each primary last said of its proxies. */
  proxies: Map<string, ProxiesSeen>;
}

/** The proxies of a primary's istiod, and what each istiod pod runs; or why they are not known. */
export type ProxiesSeen =
  | { connected: ConnectedProxy[]; istiodVersions: string[] }
  | { unknown: string; istiodVersions: string[] };

/** Asks every cluster once, and makes what the checks need. */
export async function createContext(input: VerifyInput): Promise<VerifyContext> {
  const probes = await Promise.all(
    input.mesh.clusters.map(async ({ name }) => [name, await probeCluster(input, name)] as const),
  );
  const share = createShare();
  const kept: KeptFacts = new Map();
  const cluster = (name: string) => bounded(clusterOf(input, name), input);
  return {
    mesh: input.mesh,
    facts: input.facts,
    portForward: input.portForward,
    connect: input.connect,
    analyze: input.analyze,
    parseYaml: input.parseYaml,
    signal: input.signal,
    probes: new Map(probes),
    share,
    keep: (key, work) => keep(input.kept ?? kept, key, work),
    proxies: new Map(),
    read: (name, path) => share(`${name} ${path}`, () => getObject(cluster(name), path)),
    request: async (name, path, options) => cluster(name).request(path, options),
  };
}

/** The remotes that istiod of `primary` serves. */
export const remotesOf = (mesh: ResolvedMesh, primary: string): ResolvedCluster[] =>
  mesh.clusters.filter((cluster) => cluster.role === 'remote' && cluster.primary === primary);

export const primariesOf = (mesh: ResolvedMesh): ResolvedCluster[] =>
  mesh.clusters.filter((cluster) => cluster.role === 'primary');

export const allRemotes = (mesh: ResolvedMesh): ResolvedCluster[] =>
  mesh.clusters.filter((cluster) => cluster.role === 'remote');

function clusterOf(input: VerifyInput, name: string): Cluster {
  const cluster = input.clusters.get(name);
  if (!cluster) throw new MeshplanError('cluster-unreachable', `${name}: no connection was opened`);
  return cluster;
}

/** The cluster, with every request ended by the signal and as long as the input says at most. */
function bounded(cluster: Cluster, { signal, timeoutMs }: VerifyInput): Cluster {
  if (!signal && timeoutMs === undefined) return cluster;
  const bounds = { ...(signal ? { signal } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  return { ...cluster, request: (path, options) => cluster.request(path, { ...bounds, ...options }) };
}

async function keep<T>(kept: KeptFacts, key: string, work: () => Promise<T>): Promise<T> {
  const known = kept.get(key) ?? work();
  kept.set(key, known);
  try {
    return (await known) as T;
  } catch (error) {
    kept.delete(key);
    throw error;
  }
}

function createShare(): VerifyContext['share'] {
  const shared = new Map<string, { until: number; result: Promise<unknown> }>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const known = shared.get(key);
    if (known && performance.now() < known.until) return known.result as Promise<T>;
    const result = work();
    shared.set(key, { until: performance.now() + SHARED_MS, result });
    return result;
  };
}
