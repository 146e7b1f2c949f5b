import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

/** What is done to a request in place of answering it as the server does. */
export const FAULTS = ['reset', 'cut', 'busy', 'error', 'slow', 'half'] as const;
type Fault = (typeof FAULTS)[number];

export interface ChaosOptions {
  /** The real API server. */
  server: string;
  /** PEM of the authority by which it is verified. */
  ca: string;
  /** What the proxy shows itself with, PEM. */
  key: string;
  cert: string;
  /** From 0 to 1; the same numbers deal the same faults to the same order of requests. */
  random: () => number;
  /** Of a hundred requests, how many are dealt one. */
  percent: number;
  /** After so many requests it cuts every connection, as a server does that ends. */
  endAfter?: number;
}

export interface ChaosProxy {
  server: string;
  /** How often each fault was dealt, and how many requests there were. */
  counts(): Record<Fault | 'requests', number>;
  close(): Promise<void>;
}

const SLOW_MS = 700;

/** A server between meshplan and an API server: it ends TLS, passes requests on, and spoils some of them. */
export async function openChaosProxy(options: ChaosOptions): Promise<ChaosProxy> {
  const { random } = options;
  const target = new URL(options.server);
  const agent = new https.Agent({ keepAlive: true, ca: options.ca });
  const counts = { requests: 0, reset: 0, cut: 0, busy: 0, error: 0, slow: 0, half: 0 };
  const proxy = https.createServer({ key: options.key, cert: options.cert }, (request, response) => {
    counts.requests += 1;
    if (counts.requests > (options.endAfter ?? Number.POSITIVE_INFINITY))
      return void request.socket.destroy();
    const isSpoilt = random() * 100 < options.percent;
    const fault = isSpoilt ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
    if (fault) counts[fault] += 1;
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'busy') return refuse(response, 429, { 'retry-after': random() < 0.5 ? '1' : inASecond() });
    if (fault === 'error') return refuse(response, random() < 0.5 ? 500 : 503, {});
    const pass = () => forward(request, response, { target, agent, fault });
    if (fault === 'slow') setTimeout(pass, SLOW_MS);
    else pass();
  });
  proxy.on('upgrade', (request, socket, head) => tunnel(request, socket, head, target, options.ca));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    server: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    counts: () => ({ ...counts }),
    close: async () => {
      agent.destroy();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

/** Port-forwards go through as they are. */
function tunnel(request: http.IncomingMessage, socket: Duplex, head: Buffer, target: URL, ca: string): void {
  const upstream = tls.connect({ host: target.hostname, port: Number(target.port), ca }, () => {
    const { rawHeaders } = request;
    const lines = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : [],
    );
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
}

const inASecond = () => new Date(Date.now() + 1_000).toUTCString();

function refuse(response: http.ServerResponse, status: number, headers: http.OutgoingHttpHeaders): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(
    JSON.stringify({ kind: 'Status', status: 'Failure', message: `chaos ${status}`, code: status }),
  );
}

/**
 * Passes a request on. `cut`: the server carries it out, and the connection breaks before its answer comes;
 * `half`: only half of the answer comes.
 */
function forward(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { target, agent, fault }: { target: URL; agent: https.Agent; fault: Fault | undefined },
): void {
  const { method, url, headers } = request;
  const upstream = https.request(new URL(url ?? '/', target), {
    method,
    headers: { ...headers, host: target.host },
    agent,
  });
  upstream.on('error', () => request.socket.destroy());
  upstream.on('response', (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', () => request.socket.destroy());
    answer.on('end', () => {
      if (fault === 'cut') return void request.socket.destroy();
      const body = Buffer.concat(chunks);
      const { 'transfer-encoding': _, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, { ...rest, 'content-length': body.length });
      if (fault !== 'half') return void response.end(body);
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
    });
  });
  request.pipe(upstream);
}
