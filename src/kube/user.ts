import type { Cluster, User } from '@kubernetes/client-node';
import { type CredentialSource, fromFile, fromPlugin } from './credentials.js';
import { absolute, type RawEntry } from './documents.js';
import type { ExecPlugin } from './exec-plugin.js';

interface ExecEntry {
  command?: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  apiVersion?: string;
  installHint?: string;
  provideClusterInfo?: boolean;
}

/** Credentials that come from elsewhere, one source for all clusters whose users ask for the same. */
export class CredentialSources {
  readonly #known = new Map<string, CredentialSource>();

  /** Undefined where the kubeconfig itself holds all there is: a token, a client certificate, or nothing. */
  of(user: User | null, raw: RawEntry | undefined, cluster: Cluster): CredentialSource | undefined {
    if (!user || user.token) return undefined;
    const entry = (user.exec ?? user.authProvider?.config?.exec) as ExecEntry | undefined;
    if (entry?.command) {
      const plugin = pluginOf(user.name, { ...entry, command: entry.command }, raw, cluster);
      const { user: _, ...asked } = plugin;
      return this.#shared(JSON.stringify(asked), () => fromPlugin(plugin));
    }
    const named = (raw?.fields.tokenFile ?? user.authProvider?.config?.tokenFile) as string | undefined;
    if (named === undefined) return undefined;
    const file = absolute(named, raw?.folder ?? '');
    return this.#shared(file, () => fromFile(file));
  }

  #shared(key: string, make: () => CredentialSource): CredentialSource {
    const source = this.#known.get(key) ?? make();
    this.#known.set(key, source);
    return source;
  }
}

function pluginOf(
  user: string,
  entry: ExecEntry & { command: string },
  raw: RawEntry | undefined,
  cluster: Cluster,
): ExecPlugin {
  const { command } = entry;
  return {
    user,
    // A bare name is looked for in PATH.
    command: command.includes('/') ? absolute(command, raw?.folder ?? '') : command,
    args: entry.args ?? [],
    env: Object.fromEntries((entry.env ?? []).map(({ name, value }) => [name, value])),
    apiVersion: entry.apiVersion ?? 'client.authentication.k8s.io/v1',
    ...(entry.installHint ? { installHint: entry.installHint } : {}),
    ...(entry.provideClusterInfo ? { cluster: infoOf(cluster) } : {}),
  };
}

/** What the API `client.authentication.k8s.io` lets a plugin know. */
const infoOf = (cluster: Cluster): Record<string, unknown> => ({
  server: cluster.server,
  ...(cluster.tlsServerName ? { 'tls-server-name': cluster.tlsServerName } : {}),
  ...(cluster.skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
  ...(cluster.caData ? { 'certificate-authority-data': cluster.caData } : {}),
  ...(cluster.proxyUrl ? { 'proxy-url': cluster.proxyUrl } : {}),
});
