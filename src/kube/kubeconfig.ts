import type { Agent, RequestOptions as HttpsOptions } from 'node:https';
import type { Cluster as ClusterEntry, KubeConfig } from '@kubernetes/client-node';
import type { MeshplanError } from '../errors/index.js';
import type { Cluster } from '../model/kube.js';
import type { CredentialSource } from './credentials.js';
import { type KubeconfigDocuments, readDocuments } from './documents.js';
import { type ConnectionOptions, connect, KEEP_ALIVE, tlsOptions } from './http.js';
import { filesOf, firstLine, invalid, loadKubeconfig } from './load.js';
import { isLoopback, isMarkedAsLab } from './loopback.js';
import { CredentialSources } from './user.js';

/** One cluster of mesh.yaml as the kubeconfig knows it. */
export interface ClusterConnection {
  cluster: Cluster;
  /** For a port-forward, which needs client-node's own WebSocket. Current context: this cluster. */
  config: KubeConfig;
  /** The API server's certificate authority (PEM), where the kubeconfig carries one. */
  caData?: string;
  /** The lab marks its kubeconfig so that loopback servers may stand in remote secrets. */
  loopbackAllowed: boolean;
}

export interface ConnectRequest {
  name: string;
  context: string;
  /** The kubeconfig of this cluster alone; wins over `kubeconfig` of all. */
  kubeconfig?: string;
}

interface Loaded {
  config: KubeConfig;
  documents: KubeconfigDocuments;
}

/**
 * Opens the clusters that mesh.yaml names. `kubeconfig` is the flag's value; without it kubectl's order holds
 * (KUBECONFIG, then the usual file). No server is asked and no credential plugin is run yet.
 * @throws MeshplanError `kubeconfig-missing`, `kubeconfig-invalid`, `context-missing`, `context-incomplete`
 * (exit code 3).
 */
export async function connectClusters(
  requests: ConnectRequest[],
  kubeconfig: string | undefined,
): Promise<Map<string, ClusterConnection>> {
  const client = await import('./client-node.js');
  const loaded = new Map<string | undefined, Promise<Loaded>>();
  const load = (file: string | undefined): Promise<Loaded> => {
    const known = loaded.get(file) ?? loadBoth(() => new client.KubeConfig(), file);
    loaded.set(file, known);
    return known;
  };
  const sources = new CredentialSources();
  const connections = new Map<string, ClusterConnection>();
  const wanted: (Loaded & { request: ConnectRequest })[] = [];
  for (const request of requests) wanted.push({ request, ...(await load(request.kubeconfig ?? kubeconfig)) });
  const without = wanted.filter(({ config, request }) => !config.getContextObject(request.context));
  if (without.length > 0) throw contextMissing(without);
  for (const { request, config, documents } of wanted) {
    // Each cluster keeps a configuration of its own, for the current context is part of it.
    const own = Object.assign(new client.KubeConfig(), config);
    connections.set(request.name, await openContext(own, request, documents, sources));
  }
  return connections;
}

async function loadBoth(make: () => KubeConfig, file: string | undefined): Promise<Loaded> {
  const config = await loadKubeconfig(make, file);
  return { config, documents: await readDocuments(filesOf(file)) };
}

async function openContext(
  config: KubeConfig,
  request: ConnectRequest,
  documents: KubeconfigDocuments,
  sources: CredentialSources,
): Promise<ClusterConnection> {
  const entry = config.getContextObject(request.context)?.cluster ?? '';
  const cluster = config.getCluster(entry);
  if (!cluster || !URL.canParse(cluster.server)) throw contextIncomplete(request, entry);
  config.setCurrentContext(request.context);
  const user = config.getCurrentUser();
  const raw = documents.cluster(cluster.name);
  const credentials = sources.of(user, user ? documents.user(user.name) : undefined, cluster);
  if (credentials) useSource(config, credentials);
  const options = await connectionOptions(config, request, cluster);
  const caData = pemOf(options.ca);
  return {
    cluster: connect({ ...options, ...(credentials ? { credentials } : {}) }),
    ...(caData ? { caData } : {}),
    config,
    loopbackAllowed: isLoopback(cluster.server) && isMarkedAsLab(raw),
  };
}

/**
 * Makes client-node take credentials from our source too, for it would run a plugin for each port-forward
 * and does not know `tokenFile`.
 */
function useSource(config: KubeConfig, source: CredentialSource): void {
  // biome-ignore lint/complexity/useLiteralKeys: the method is private to TypeScript, and all that there is
  config['applyAuthorizationHeader'] = async (options: HttpsOptions) => {
    const { token, cert, key } = await source.get();
    if (token) options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    if (cert && key) Object.assign(options, { cert, key });
  };
}

async function connectionOptions(
  config: KubeConfig,
  { name }: ConnectRequest,
  cluster: ClusterEntry,
): Promise<ConnectionOptions> {
  try {
    const own: HttpsOptions & { headers?: Record<string, string> } = {};
    // biome-ignore lint/complexity/useLiteralKeys: private to TypeScript; the public one runs plugins
    config['applyHTTPSOptions'](own as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
    const token = config.getCurrentUser()?.token;
    const options: ConnectionOptions = {
      name,
      server: cluster.server,
      ...(own.ca ? { ca: own.ca as Buffer } : {}),
      ...(own.cert ? { cert: own.cert as Buffer } : {}),
      ...(own.key ? { key: own.key as Buffer } : {}),
      ...(token ? { token } : {}),
      ...(cluster.tlsServerName ? { tlsServerName: cluster.tlsServerName } : {}),
      insecureSkipTlsVerify: cluster.skipTLSVerify ?? false,
      headers: plainHeaders(own.headers),
    };
    return cluster.proxyUrl ? { ...options, agent: proxyAgent(config, cluster, options) } : options;
  } catch (error) {
    throw invalid(
      'kubeconfig-invalid',
      `cluster ${name}: its entry in the kubeconfig cannot be used: ${firstLine(error)}`,
      'Check its certificate files and proxy-url.',
      error,
    );
  }
}

/** An agent through `proxy-url`: http, https or socks5. */
const proxyAgent = (config: KubeConfig, cluster: ClusterEntry, options: ConnectionOptions): Agent =>
  // biome-ignore lint/complexity/useLiteralKeys: private to TypeScript, and where client-node knows the way
  config['createAgent'](cluster, { ...KEEP_ALIVE, ...tlsOptions(options) } as never) as Agent;

/** One error for all clusters that have none. */
function contextMissing(without: { config: KubeConfig; request: ConnectRequest }[]): MeshplanError {
  const names = new Set(without.flatMap(({ config }) => config.getContexts().map((item) => item.name)));
  const faults = without.map(
    ({ request }) => `cluster ${request.name}: the kubeconfig has no context ${request.context}`,
  );
  return invalid(
    'context-missing',
    faults.join('; '),
    names.size > 0
      ? `It has: ${[...names].join(', ')}. Set clusters[].context in mesh.yaml or pass another --kubeconfig.`
      : 'It has no context at all. Pass another --kubeconfig or set KUBECONFIG.',
  );
}

/** No server is guessed: kubectl and other tools would go on with localhost. */
const contextIncomplete = ({ name, context }: ConnectRequest, entry: string): MeshplanError =>
  invalid(
    'context-incomplete',
    `cluster ${name}: the context ${context} names the cluster ${entry}, for which the kubeconfig has no server`,
    'Complete its entry: kubectl config set-cluster NAME --server=URL.',
  );

function plainHeaders(headers: HttpsOptions['headers']): Record<string, string> {
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

function pemOf(ca: unknown): string | undefined {
  if (typeof ca === 'string') return ca;
  return Buffer.isBuffer(ca) ? ca.toString('utf8') : undefined;
}
