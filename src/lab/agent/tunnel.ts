import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Destination } from './routes.js';

const DIAL_TIMEOUT_MS = 5_000;

/** Opens a connection to the destination. */
export function dial(destination: Destination): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...destination, timeout: DIAL_TIMEOUT_MS });
    socket.once('timeout', () => socket.destroy(new Error('timed out')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

/** Carries bytes both ways until either side ends. */
export function tunnel(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}
