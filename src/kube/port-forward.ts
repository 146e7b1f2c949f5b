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

/** Port-forwards that are kept for the next request, until they break or are closed. */
export interface PortForwards {
  /**
   * HTTP GET through a port-forward to a pod; resolves to the body. No socket listens here: HTTP is spoken over the
   * forwarded stream itself.
   * @throws MeshplanError `port-forward-failed` after the time is over, or when the API server, the pod or the
   * program in it refuses, or answers with a status of 400 or more.
   */
  get(cluster: string, target: Target, path: string): Promise<string>;
  /** Ends all of them; the process would not end before. */
  close(): void;
}

/** @param timeoutMs milliseconds for each request, a new port-forward included. */
export function openPortForwards(
  connections: ReadonlyMap<string, { config: KubeConfig }>,
  timeoutMs: number = TIMEOUT_MS,
): PortForwards {
  const agents = new Map<string, TunnelAgent>();
  function agentOf(cluster: string, target: Target): TunnelAgent {
    const connection = connections.get(cluster);
    if (!connection) throw failed(cluster, target, 'no connection was opened');
    const key = `${cluster} ${target.namespace}/${target.pod}:${target.port}`;
    const agent = agents.get(key) ?? new TunnelAgent(connection.config, target, timeoutMs);
    agents.set(key, agent);
    return agent;
  }
  return {
    async get(cluster, target, path) {
      const agent = agentOf(cluster, target);
      try {
        return await getAgain(agent, path, timeoutMs);
      } catch (error) {
        throw failed(cluster, target, reasonOf(error));
      }
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

/** Keeps the stream of one forwarded port as if it were a socket; one request after the other goes through it. */
class TunnelAgent extends http.Agent {
  readonly #open: () => Promise<Duplex>;
  #isClosed = false;

  constructor(config: KubeConfig, target: Target, timeoutMs: number) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#open = async () => {
      const client = await import('./client-node.js');
      const tunnel = new Tunnel();
      await tunnel.open(new client.PortForward(withHandshakeLimit(config, timeoutMs)), target);
      if (this.#isClosed) tunnel.stream.destroy();
      return tunnel.stream;
    };
  }

  override createConnection(
    _options: http.ClientRequestArgs,
    callback: (error: Error | null, stream: Duplex) => void = () => undefined,
  ): undefined {
    this.#open().then(
      (stream) => callback(null, stream),
      // The types want a stream where there is none.
      (error: unknown) => callback(new Error(reasonOf(error)), undefined as unknown as Duplex),
    );
  }

  /** A stream of a port-forward has none of a socket's timers. */
  override keepSocketAlive(): true {
    return true;
  }

  override reuseSocket(stream: Duplex, request: http.ClientRequest): void {
    // Node takes it for a socket.
    super.reuseSocket(Object.assign(stream, { ref: () => stream }), request);
  }

  override destroy(): void {
    this.#isClosed = true;
    super.destroy();
  }
}

/** The stream of one forwarded port, made of the pieces that client-node wants. */
class Tunnel {
  readonly #fromPod = new PassThrough();
  readonly #toPod = new PassThrough();
  readonly stream = Duplex.from({ readable: this.#fromPod, writable: this.#toPod });

  constructor() {
    // Errors reach the HTTP request that uses the stream; before there is one, nobody listens.
    this.stream.on('error', () => undefined);
    // The pod has hung up: what came before is read, and nobody may send more.
    this.stream.on('end', () => this.stream.destroy());
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
    socket.addEventListener('close', () => this.#fromPod.end());
    this.stream.on('close', () => socket.terminate());
    if (this.stream.errored) throw this.stream.errored;
  }

  /** The kubelet's own words, e.g. that nothing listens on the port. */
  #errors(): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (chunk.length > 0) this.stream.destroy(new Error(chunk.toString('utf8').trim()));
        done();
      },
    });
  }
}

/** A port-forward that broke since the request before is no failure of this one. */
async function getAgain(agent: http.Agent, path: string, timeoutMs: number): Promise<string> {
  const first = await get(agent, path, timeoutMs).catch((error: unknown) => ({ error }));
  if (typeof first === 'string') return first;
  if (first.error instanceof BrokenError) return get(agent, path, timeoutMs);
  throw first.error;
}

/** The stream was there before and broke under the request. */
class BrokenError extends Error {}

function get(agent: http.Agent, path: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ path, host: 'localhost', agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 400) reject(new Error(`GET ${path} answers ${statusCode}`));
        else resolve(Buffer.concat(chunks).toString('utf8'));
      });
    });
    let isLate = false;
    const late = () => {
      isLate = true;
      request.destroy(new Error(`no answer within ${timeoutMs} ms`));
    };
    const timer = setTimeout(late, timeoutMs);
    request.on('error', (error) =>
      reject(request.reusedSocket && !isLate ? new BrokenError(error.message) : error),
    );
    request.on('close', () => clearTimeout(timer));
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
