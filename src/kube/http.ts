import http from 'node:http';
import https from 'node:https';
import type { Cluster, RequestOptions } from '../model/kube.js';
import { readAnswer, unreachable } from './answer.js';
import type { CredentialSource, Credentials } from './credentials.js';
import { type Answer, exchange } from './exchange.js';
import { withRetries } from './retry.js';

/** How to reach one API server. Certificates and keys are PEM; nothing here is ever logged. */
export interface ConnectionOptions {
  name: string;
  server: string;
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  token?: string;
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  /** Headers for every request, such as impersonation. */
  headers?: Record<string, string>;
  /** An agent to use in place of the own one, e.g. through a proxy. */
  agent?: http.Agent;
  /** Credentials that are asked for at the first request, and once more where they are not taken. */
  credentials?: CredentialSource;
}

const TIMEOUT_MS = 30_000;
/** All tries of one request together may take this much more than one. */
const LIMIT_FACTOR = 2;

/** What every agent is made with, also one that goes through a proxy. */
export const KEEP_ALIVE = { keepAlive: true, maxSockets: 16 };

/**
 * One API server behind one keep-alive agent, speaking plain JSON.
 *
 * client-node opens a TLS connection per request (kubernetes-client/javascript#2893) and its typed
 * serialisers drop unknown fields (#2962), so only its reading of kubeconfigs is used.
 */
export function connect(options: ConnectionOptions): Cluster {
  const base = new URL(options.server);
  const agent = options.agent ?? keepAliveAgent(options, base.protocol === 'https:');
  const counters = { requests: 0, connections: 0, retries: 0 };
  const seen = new WeakSet<object>();
  const onSocket = (socket: object) => {
    // `reusedSocket` misses sockets that are handed on to a queued request.
    if (!seen.has(socket)) counters.connections += 1;
    seen.add(socket);
  };

  async function send(path: string, request: RequestOptions, held: Credentials | undefined): Promise<Answer> {
    const limitMs = request.timeoutMs ?? TIMEOUT_MS;
    const once = () => {
      counters.requests += 1;
      return exchange({
        url: urlOf(base, path, request.query),
        agent,
        headers: headersOf(options, held),
        ...(held?.cert ? { cert: held.cert } : {}),
        ...(held?.key ? { key: held.key } : {}),
        request,
        limitMs,
        onSocket,
      });
    };
    const onRetry = () => {
      counters.retries += 1;
    };
    return withRetries(once, { request, limitMs: LIMIT_FACTOR * limitMs, onRetry });
  }

  return {
    name: options.name,
    server: options.server,
    async request(path, request = {}) {
      const { name, credentials } = options;
      // What it fails with is the plugin's own word; the server was not asked at all.
      const held = await credentials?.get();
      const trial = (with_: Credentials | undefined) =>
        send(path, request, with_).catch((error: unknown) => {
          request.signal?.throwIfAborted();
          throw unreachable(name, error);
        });
      const answer = await trial(held);
      if (answer.status !== 401 || !held || !credentials) return readAnswer(name, answer);
      const renewed = await credentials.renew(held);
      return readAnswer(name, renewed ? await trial(renewed) : answer);
    },
    stats: () => ({ ...counters }),
    close: () => agent.destroy(),
  };
}

function urlOf(base: URL, path: string, query: Record<string, string> = {}): URL {
  const url = new URL(base.pathname.replace(/\/$/, '') + path, base);
  for (const [key, value] of Object.entries(query)) url.searchParams.append(key, value);
  return url;
}

function headersOf(options: ConnectionOptions, held: Credentials | undefined): Record<string, string> {
  const token = held?.token ?? options.token;
  return { ...options.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
}

function keepAliveAgent(options: ConnectionOptions, secure: boolean): http.Agent {
  if (!secure) return new http.Agent(KEEP_ALIVE);
  return new https.Agent({ ...KEEP_ALIVE, ...tlsOptions(options) });
}

/** How a server is verified, and who asks. */
export const tlsOptions = (options: ConnectionOptions): https.AgentOptions => ({
  ca: options.ca,
  cert: options.cert,
  key: options.key,
  ...(options.tlsServerName ? { servername: options.tlsServerName } : {}),
  rejectUnauthorized: !options.insecureSkipTlsVerify,
});
