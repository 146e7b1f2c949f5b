import { connect, createServer, type Server } from 'node:net';
import { MeshplanError } from '../errors/index.js';

/**
 * Below the range that systems take for outgoing connections, so that a stopped cluster finds its
 * ports still free when it comes back.
 */
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 200;

/** Ports on 127.0.0.1 that are free now; all are held until all are found, so none comes twice. */
export async function findPorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let attempt = 0; ports.length < count; attempt += 1) {
      if (attempt > ATTEMPTS)
        throw new MeshplanError('lab-no-ports', `no free port between ${FIRST} and ${LAST}`);
      const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
      const server = await tryListen(port, '127.0.0.1');
      if (server instanceof Error) continue;
      held.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** A server on the address, or the error that kept it from listening. */
export function tryListen(port: number, host: string): Promise<Server | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

/** Whether somebody takes connections on a Unix socket; one whose process was killed is still a file. */
export function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('error', () => resolve(false));
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
  });
}
