import type { RemoteCredentials } from '../model/facts.js';

export const UNREADABLE = 'its kubeconfig cannot be parsed';

/** A remote secret's kubeconfig: usable credentials, or why istiod refuses them. */
export type RemoteKubeconfig = { credentials: RemoteCredentials } | { fault: string };

interface KubeconfigDocument {
  clusters?: { name?: string; cluster?: Record<string, unknown> }[];
  users?: { name?: string; user?: Record<string, unknown> }[];
  contexts?: { name?: string; context?: { cluster?: string; user?: string } }[];
  'current-context'?: string;
}

/**
 * Reads a kubeconfig as istiod reads it (Istio `secretcontroller.go`): inline data and a token only.
 * Faults name fields, never values: the text holds a token.
 */
export function readRemoteKubeconfig(
  name: string,
  text: string,
  parse: (text: string) => unknown = JSON.parse,
): RemoteKubeconfig {
  const document = parsed(text, parse);
  if (!document) return { fault: UNREADABLE };
  const context = document.contexts?.find((item) => item.name === document['current-context'])?.context;
  const cluster = document.clusters?.find((item) => item.name === context?.cluster)?.cluster;
  const user = document.users?.find((item) => item.name === context?.user)?.user;
  if (!cluster || !user)
    return { fault: 'the current-context of its kubeconfig leads to no cluster and user' };
  const refused = ['exec', 'auth-provider', 'tokenFile', 'client-certificate', 'client-key'].find(
    (field) => field in user,
  );
  if (refused) return { fault: `istiod refuses the field ${refused} of its user` };
  const { server, token, ca } = { server: cluster.server, token: user.token, ca: authorityOf(cluster) };
  if (typeof server !== 'string' || !URL.canParse(server)) return { fault: 'its server is no URL' };
  if (!ca) return { fault: 'it has no certificate-authority-data' };
  if (typeof token !== 'string' || token === '') return { fault: 'it has no token' };
  const tlsServerName = cluster['tls-server-name'];
  return {
    credentials: {
      name,
      server,
      ca,
      token,
      ...(typeof tlsServerName === 'string' ? { tlsServerName } : {}),
    },
  };
}

function parsed(text: string, parse: (text: string) => unknown): KubeconfigDocument | undefined {
  try {
    const document = parse(text);
    return typeof document === 'object' && document !== null ? document : undefined;
  } catch {
    // Dropped on purpose: a parser's message quotes the text, and with it the token.
    return undefined;
  }
}

function authorityOf(cluster: Record<string, unknown>): string | undefined {
  const data = cluster['certificate-authority-data'];
  return typeof data === 'string' && data !== '' ? Buffer.from(data, 'base64').toString('utf8') : undefined;
}
