import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, UnreachableError } from '../errors/index.js';
import type { ApiResponse, Cluster, RequestOptions } from '../model/kube.js';

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
  /** Headers for every request: authorization by a plugin's token, impersonation. */
  headers?: Record<string, string>;
  /** An agent to use in place of the own one, e.g. through a proxy. */
  agent?: http.Agent;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_SOCKETS = 16;
const ATTEMPTS = 4;

/**
 * One API server behind one keep-alive agent, speaking plain JSON.
 *
 * client-node opens a TLS connection per request (kubernetes-client/javascript#2893) and its typed
 * serialisers drop unknown fields (#2962), so only its reading of kubeconfigs is used.
 */
export function connect(options: ConnectionOptions): Cluster {
  const base = new URL(options.server);
  const secure = base.protocol === 'https:';
  const agent = options.agent ?? keepAliveAgent(options, secure);
  const counters = { requests: 0, connections: 0, seen: new WeakSet<object>() };
  const headers = {
    ...options.headers,
    ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
  };

  return {
    name: options.name,
    server: options.server,
    async request(path, request = {}) {
      const send = () => sendOnce({ base, agent, secure, headers, path, request, counters });
      return readResponse(options.name, await sendWithRetries(options.name, send, request));
    },
    stats: () => ({ requests: counters.requests, connections: counters.connections }),
    close: () => agent.destroy(),
  };
}

function keepAliveAgent(options: ConnectionOptions, secure: boolean): http.Agent {
  if (!secure) return new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  return new https.Agent({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    ca: options.ca,
    cert: options.cert,
    key: options.key,
    ...(options.tlsServerName ? { servername: options.tlsServerName } : {}),
    rejectUnauthorized: !options.insecureSkipTlsVerify,
  });
}

interface RawResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

interface Counters {
  requests: number;
  connections: number;
  seen: WeakSet<object>;
}

interface Exchange {
  base: URL;
  agent: http.Agent;
  secure: boolean;
  headers: Record<string, string>;
  path: string;
  request: RequestOptions;
  counters: Counters;
}

function sendOnce(exchange: Exchange): Promise<RawResponse> {
  const { base, request, counters } = exchange;
  const url = new URL(base.pathname.replace(/\/$/, '') + exchange.path, base);
  for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.append(key, value);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers: Record<string, string> = {
    accept: request.accept ?? 'application/json',
    ...exchange.headers,
  };
  if (body !== undefined) {
    headers['content-type'] = request.contentType ?? 'application/json';
    headers['content-length'] = String(Buffer.byteLength(body));
  }
  counters.requests += 1;
  return new Promise((resolve, reject) => {
    const timeout = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const transport = exchange.secure ? https : http;
    const outgoing = transport.request(
      url,
      {
        method: request.method ?? 'GET',
        agent: exchange.agent,
        headers,
        ...(request.signal ? { signal: request.signal } : {}),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', fail);
        incoming.on('end', () => {
          clearTimeout(timer);
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
        });
      },
    );
    outgoing.on('socket', (socket) => {
      // `reusedSocket` misses sockets that are handed on to a queued request.
      if (!counters.seen.has(socket)) counters.connections += 1;
      counters.seen.add(socket);
    });
    // A timer of our own: the socket's idle timeout does not cover a server that drips bytes.
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
    function fail(error: Error) {
      clearTimeout(timer);
      reject(error);
    }
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

/** Reads and server-side applies give the same result twice; other writes are sent once. */
function isRepeatable(request: RequestOptions): boolean {
  const method = request.method ?? 'GET';
  return method === 'GET' || method === 'DELETE' || request.contentType === 'application/apply-patch+yaml';
}

async function sendWithRetries(
  cluster: string,
  send: () => Promise<RawResponse>,
  request: RequestOptions,
): Promise<RawResponse> {
  const attempts = isRepeatable(request) ? ATTEMPTS : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await send();
      if (!isBusy(response) || attempt >= attempts) return response;
      await sleep(retryAfterMs(response) ?? backoffMs(attempt), undefined, signalOf(request));
    } catch (error) {
      request.signal?.throwIfAborted();
      if (attempt >= attempts || !isTransient(error)) throw unreachable(cluster, error);
      await sleep(backoffMs(attempt), undefined, signalOf(request));
    }
  }
}

const signalOf = (request: RequestOptions) => (request.signal ? { signal: request.signal } : {});

/**
 * 429 and 5xx of a server or a proxy before it that may pass. A webhook that does not answer will not
 * answer a moment later either, and each try costs its timeout; an apply with a field that the schema
 * does not know is a 500, too.
 */
const isBusy = ({ status, text }: RawResponse) =>
  status === 429 || (status >= 500 && status !== 501 && !LASTING.test(text));

const LASTING = /failed calling webhook|failed to create typed patch object/;

/** A connection that was cut is worth another try; a refused one or a wrong certificate is not. */
function isTransient(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ETIMEDOUT';
}

/** Exponential with full jitter, so that parallel requests do not come back together. */
const backoffMs = (attempt: number) => Math.random() * Math.min(4_000, 150 * 2 ** attempt);

function retryAfterMs(response: RawResponse): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 30) * 1_000 : undefined;
}

function unreachable(cluster: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const text = code && !message.includes(code) ? `${code}: ${message}` : message;
  return new UnreachableError(cluster, `the API server does not answer: ${text || code}`, {
    cause: error,
    hint: hintFor(code),
  });
}

function hintFor(code: string | undefined): string {
  if (code === 'ECONNREFUSED')
    return 'Check that the cluster runs and that the kubeconfig names its address.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The server name does not resolve; check the kubeconfig.';
  if (code?.includes('CERT') || code?.includes('SELF_SIGNED')) {
    return "The server's certificate does not verify with the kubeconfig's certificate authority.";
  }
  return 'Check the network path to the API server.';
}

function readResponse(cluster: string, response: RawResponse): ApiResponse {
  const body = parseBody(response);
  if (response.status < 400) return { status: response.status, body, headers: response.headers };
  const status = (typeof body === 'object' && body !== null ? body : {}) as {
    reason?: string;
    message?: string;
    details?: { causes?: { reason?: string; message?: string; field?: string }[] };
  };
  const seconds = Number(response.headers['retry-after']);
  throw new ApiError({
    cluster,
    status: response.status,
    reason: status.reason ?? http.STATUS_CODES[response.status] ?? 'Unknown',
    message: status.message ?? `HTTP ${response.status}`,
    ...(status.details?.causes ? { causes: status.details.causes } : {}),
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfter: seconds } : {}),
  });
}

function parseBody(response: RawResponse): unknown {
  const type = String(response.headers['content-type'] ?? '');
  if (!type.includes('json')) return response.text;
  try {
    return JSON.parse(response.text) as unknown;
  } catch {
    return response.text;
  }
}
