import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { RequestOptions } from '../model/kube.js';

/** Milliseconds until a new connection must stand, TLS included. A live server takes a fraction of it. */
const CONNECT_LIMIT_MS = 10_000;

/** One whole answer. `body` is parsed where the server says that it is JSON. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  body: unknown;
}

/** One request on its way to one server. */
export interface Exchange {
  url: URL;
  agent: http.Agent;
  headers: Record<string, string>;
  /** A client certificate that a credential plugin gave, PEM. */
  cert?: string;
  key?: string;
  request: RequestOptions;
  /** Milliseconds until the whole answer must be there. */
  limitMs: number;
  onSocket: (socket: object) => void;
}

/**
 * Sends one request once.
 * @throws an Error with the `code` of the socket; `ANSWER_LATE`, `ANSWER_CUT` for an answer that is not
 * whole, `CONNECT_LATE` for a server that takes up no connection.
 */
export function exchange(options: Exchange): Promise<Answer> {
  const { url, agent, request, limitMs } = options;
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const transport = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = transport.request(url, {
      method: request.method ?? 'GET',
      agent,
      headers: headersOf(options, body),
      ...(options.cert ? { cert: options.cert } : {}),
      ...(options.key ? { key: options.key } : {}),
      ...(request.signal ? { signal: request.signal } : {}),
    });
    // A timer of our own: the socket's idle timeout does not cover a server that drips bytes.
    const late = () => outgoing.destroy(failure('ANSWER_LATE', `no whole answer within ${limitMs} ms`));
    const timer = setTimeout(late, limitMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    outgoing.on('error', fail);
    outgoing.on('socket', (socket) => {
      options.onSocket(socket);
      limitConnect(socket, outgoing);
    });
    outgoing.on('response', (incoming) => {
      collect(incoming).then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      }, fail);
    });
    outgoing.end(body);
  });
}

function headersOf({ headers, request }: Exchange, body: string | undefined): Record<string, string> {
  const all: Record<string, string> = { accept: request.accept ?? 'application/json', ...headers };
  if (body === undefined) return all;
  return {
    ...all,
    'content-type': request.contentType ?? 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  };
}

/** Ends a request whose connection does not come to stand; one that is used again stands already. */
function limitConnect(socket: Socket, outgoing: http.ClientRequest): void {
  const isSecure = socket instanceof TLSSocket;
  const shakes = isSecure && [null, 'unknown'].includes(socket.getProtocol());
  if (!socket.connecting && !shakes) return;
  const text = `no connection within ${CONNECT_LIMIT_MS} ms`;
  const timer = setTimeout(() => outgoing.destroy(failure('CONNECT_LATE', text)), CONNECT_LIMIT_MS);
  const clear = () => clearTimeout(timer);
  socket.once(isSecure ? 'secureConnect' : 'connect', clear);
  socket.once('close', clear);
}

/** Reads an answer to its end. Half of one is never handed on. */
function collect(incoming: http.IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ECONNRESET' ? failure('ANSWER_CUT', 'the answer was cut off') : error),
    );
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { statusCode: status = 0, headers } = incoming;
      const body = parse(text, String(headers['content-type'] ?? ''));
      if (!incoming.complete || body === undefined) {
        reject(failure('ANSWER_CUT', 'the answer was cut off'));
      } else resolve({ status, headers, text, body });
    });
  });
}

/** Undefined where it should be JSON and is not: without a length nothing else tells a half answer. */
function parse(text: string, type: string): unknown {
  if (!type.includes('json')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });
