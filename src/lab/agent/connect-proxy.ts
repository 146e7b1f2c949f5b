import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../errors/index.js';
import type { Destination } from './routes.js';
import { dial, tunnel } from './tunnel.js';

export interface ConnectProxyOptions {
  /** A Unix socket; one that an earlier agent left behind is replaced. */
  socket: string;
  /** Where a call to `host:port` goes; undefined when nothing answers there. */
  resolve: (host: string, port: number) => Promise<Destination | undefined>;
  log: (line: string) => void;
}

/** The HTTP CONNECT proxy that an API server's egress selector sends its calls through. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<Server> {
  await rm(options.socket, { force: true });
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    void serve(options, request.url ?? '', socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.socket, resolve);
  });
  return server;
}

async function serve(
  options: ConnectProxyOptions,
  target: string,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  try {
    const { hostname, port } = new URL(`tcp://${target}`);
    const destination = await options.resolve(hostname, Number(port));
    if (!destination) throw new Error('no ready endpoint');
    const upstream = await dial(destination);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.write(head);
    tunnel(socket, upstream);
  } catch (error) {
    options.log(`call to ${target} refused: ${messageOf(error)}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
  }
}
