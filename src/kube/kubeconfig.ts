import { access } from 'node:fs/promises';
import type { Agent, RequestOptions as HttpsOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { ExitCode, MeshplanError } from '../errors/index.js';
import type { Cluster } from '../model/kube.js';
import { connect } from './http.js';
import { isLoopback, isMarkedAsLab } from './loopback.js';

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

/**
 * Opens the clusters that mesh.yaml names. `kubeconfig` is the flag's value; without it client-node's
 * own order holds (KUBECONFIG, then the usual file).
 * @throws MeshplanError `kubeconfig-missing`, `kubeconfig-invalid`, `context-missing` (exit code 3).
 */
export async function connectClusters(
  requests: ConnectRequest[],
  kubeconfig: string | undefined,
): Promise<Map<string, ClusterConnection>> {
  // Importing client-node costs half a second; only commands that talk to clusters pay it.
  const client = await import('@kubernetes/client-node');
  const loaded = new Map<string | undefined, Promise<KubeConfig>>();
  const load = (file: string | undefined): Promise<KubeConfig> => {
    const known = loaded.get(file) ?? loadKubeconfig(() => new client.KubeConfig(), file);
    loaded.set(file, known);
    return known;
  };
  const connections = new Map<string, ClusterConnection>();
  for (const request of requests) {
    const file = request.kubeconfig ?? kubeconfig;
    const loadedConfig = await load(file);
    // Each cluster keeps a configuration of its own, for the current context is part of it.
    const config = Object.assign(new client.KubeConfig(), loadedConfig);
    connections.set(request.name, await openContext(config, request, filesOf(file)));
  }
  return connections;
}

/** The kubeconfig files that are read, in client-node's and kubectl's order. */
function filesOf(file: string | undefined): string[] {
  if (file) return [file];
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
}

const invalid = (code: string, message: string, hint: string, cause?: unknown) =>
  new MeshplanError(code, message, { hint, cause, exitCode: ExitCode.invalid });

/** Reads the kubeconfig of the flag, else those of the usual order. */
export async function loadKubeconfig(make: () => KubeConfig, file: string | undefined): Promise<KubeConfig> {
  const named = filesOf(file);
  const found = await Promise.all(named.map(exists));
  // Inside a pod there is no file; client-node then takes the ServiceAccount's credentials.
  if (!found.includes(true) && !process.env.KUBERNETES_SERVICE_HOST) {
    const where = file ? '--kubeconfig' : process.env.KUBECONFIG ? 'KUBECONFIG' : 'the default';
    throw invalid(
      'kubeconfig-missing',
      `${where} names ${named.join(', ')}, which does not exist`,
      'Name an existing kubeconfig with --kubeconfig or in KUBECONFIG.',
    );
  }
  const config = make();
  try {
    if (file) config.loadFromFile(file);
    else config.loadFromDefault();
  } catch (error) {
    throw invalid(
      'kubeconfig-invalid',
      `the kubeconfig ${named.join(', ')} cannot be read: ${firstLine(error)}`,
      'Check it with `kubectl config view`.',
      error,
    );
  }
  return config;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

const firstLine = (error: unknown) => String(error instanceof Error ? error.message : error).split('\n')[0];

async function openContext(
  config: KubeConfig,
  request: ConnectRequest,
  files: string[],
): Promise<ClusterConnection> {
  const context = config.getContextObject(request.context);
  const cluster = context && config.getCluster(context.cluster);
  if (!context || !cluster) throw contextMissing(config, request);
  config.setCurrentContext(request.context);
  const options: HttpsOptions & { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
  const caData = pemOf(options.ca);
  return {
    cluster: connect({
      name: request.name,
      server: cluster.server,
      ...(options.ca ? { ca: options.ca as Buffer } : {}),
      ...(options.cert ? { cert: options.cert as Buffer } : {}),
      ...(options.key ? { key: options.key as Buffer } : {}),
      ...(cluster.tlsServerName ? { tlsServerName: cluster.tlsServerName } : {}),
      insecureSkipTlsVerify: cluster.skipTLSVerify ?? false,
      headers: plainHeaders(options.headers),
      // Behind a proxy-url client-node's own agent knows the way.
      ...(cluster.proxyUrl ? { agent: options.agent as Agent } : {}),
    }),
    ...(caData ? { caData } : {}),
    config,
    loopbackAllowed: isLoopback(cluster.server) && (await isMarkedAsLab(files, cluster.name)),
  };
}

function contextMissing(config: KubeConfig, request: ConnectRequest): MeshplanError {
  const names = config.getContexts().map((item) => item.name);
  return invalid(
    'context-missing',
    `cluster ${request.name}: the kubeconfig has no context ${request.context}`,
    names.length > 0
      ? `It has: ${names.join(', ')}. Set clusters[].context in mesh.yaml or pass another --kubeconfig.`
      : 'It has no context at all. Pass another --kubeconfig or set KUBECONFIG.',
  );
}

function plainHeaders(headers: HttpsOptions['headers']): Record<string, string> {
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

function pemOf(ca: unknown): string | undefined {
  if (typeof ca === 'string') return ca;
  return Buffer.isBuffer(ca) ? ca.toString('utf8') : undefined;
}
