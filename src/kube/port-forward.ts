import http from 'node:http';
import { Duplex, PassThrough, Writable } from 'node:stream';
import type { KubeConfig, PortForward } from '@kubernetes/client-node';
import { MeshplanError } from '../errors/index.js';
import { reasonOf, withHandshakeLimit } from './web-socket.js';

const TIMEOUT_MS = 10_000;

/** A port of one pod. */
interface Target {
  namespace: string;
  pod: string;
  port: number;
}

/**
 * HTTP GET through a port-forward to a pod; resolves to the body. No socket listens here: HTTP is
 * spoken over the forwarded stream itself.
 * @throws MeshplanError `port-forward-failed` after ten seconds, or when the API server, the pod or the
 * program in it refuses, or answers with a status of 400 or more.
 */
export function createPortForward(
  connections: ReadonlyMap<string, { config: KubeConfig }>,
): (cluster: string, target: Target, path: string) => Promise<string> {
  return async (cluster, target, path) => {
    const connection = connections.get(cluster);
    if (!connection) throw failed(cluster, target, 'no connection was opened');
    const client = await import('./client-node.js');
    const forward = new client.PortForward(withHandshakeLimit(connection.config));
    const tunnel = new Tunnel();
    const timer = setTimeout(() => tunnel.fail(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    try {
      await tunnel.open(forward, target);
      return await get(tunnel.stream, path);
    } catch (error) {
      throw failed(cluster, target, reasonOf(error));
    } finally {
      clearTimeout(timer);
      tunnel.close();
    }
  };
}

/** The stream of one forwarded port, made of the pieces that client-node wants. */
class Tunnel {
  readonly #fromPod = new PassThrough();
  readonly #toPod = new PassThrough();
  readonly stream = Duplex.from({ readable: this.#fromPod, writable: this.#toPod });
  #hangUp: () => void = () => undefined;

  constructor() {
    // Errors reach the HTTP request that uses the stream; before there is one, nobody listens.
    this.stream.on('error', () => undefined);
  }

  async open(forward: PortForward, { namespace, pod, port }: Target): Promise<void> {
    const socket = await forward.portForward(
      namespace,
      pod,
      [port],
      this.#fromPod,
      this.#errors(),
      this.#toPod,
    );
    // client-node answers a function only where it was told to reconnect.
    if (typeof socket === 'function') throw new Error('unexpected answer of the Kubernetes client');
    this.#hangUp = () => socket.terminate();
    socket.addEventListener('close', () => this.#fromPod.end());
    this.stream.on('close', this.#hangUp);
    if (this.stream.errored) throw this.stream.errored;
  }

  fail(error: Error): void {
    this.stream.destroy(error);
  }

  close(): void {
    this.stream.destroy();
    this.#hangUp();
  }

  /** The kubelet's own words, e.g. that nothing listens on the port. */
  #errors(): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (chunk.length > 0) this.fail(new Error(chunk.toString('utf8').trim()));
        done();
      },
    });
  }
}

function get(stream: Duplex, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ path, host: 'localhost', createConnection: () => stream }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 400) reject(new Error(`GET ${path} answers ${statusCode}`));
        else resolve(Buffer.concat(chunks).toString('utf8'));
      });
    });
    request.on('error', reject);
  });
}

/** Without a cause, on purpose: a WebSocket's error event carries the request's headers. */
function failed(cluster: string, { namespace, pod, port }: Target, reason: string): MeshplanError {
  const isForbidden = reason.includes('403');
  return new MeshplanError(
    'port-forward-failed',
    `${cluster}: port-forward to ${namespace}/${pod}:${port}: ${reason}`,
    {
      hint: isForbidden
        ? 'Your user needs the right to create pods/portforward in istio-system.'
        : `Try it by hand: kubectl -n ${namespace} port-forward ${pod} ${port}`,
    },
  );
}
