import type { KubeConfig } from '@kubernetes/client-node';
import { messageOf } from '../errors/index.js';

/** Milliseconds until a WebSocket of the API server must stand. */
export const HANDSHAKE_MS = 10_000;

/** client-node's WebSocket waits for its handshake without end; its options can limit that (milliseconds). */
export function withHandshakeLimit(config: KubeConfig, limitMs: number = HANDSHAKE_MS): KubeConfig {
  const limited: KubeConfig = Object.create(config);
  limited.applyToHTTPSOptions = async (options) => {
    await config.applyToHTTPSOptions(options);
    Object.assign(options, { handshakeTimeout: limitMs });
  };
  return limited;
}

/** A WebSocket fails with an event that is no Error, but has its message. */
export function reasonOf(error: unknown): string {
  const { message } = error as { message?: unknown };
  return typeof message === 'string' ? message : messageOf(error);
}
