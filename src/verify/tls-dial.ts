import type { X509Certificate } from 'node:crypto';
import https from 'node:https';
import tls from 'node:tls';

const TIMEOUT_MS = 5_000;

/** Where to dial, which name to ask for, and whom to trust. */
export interface TlsTarget {
  host: string;
  port: number;
  /** The name for SNI, against which the certificate is checked. */
  servername: string;
  /** PEM of the trusted roots; nothing else is trusted. */
  ca: string;
  /** The protocol that a client of this port speaks (ALPN). */
  alpn: 'h2' | 'http/1.1';
  signal?: AbortSignal;
}

/** What a server showed in its handshake. */
export interface TlsAnswer {
  certificate: X509Certificate;
  /** Why the certificate does not verify, e.g. `SELF_SIGNED_CERT_IN_CHAIN`; missing where it does. */
  refusal?: string;
}

/**
 * Shakes hands with a server and hangs up.
 * @throws the socket's error when nothing answers, or what answers does not speak TLS.
 */
export function dialTls(target: TlsTarget): Promise<TlsAnswer> {
  const { host, port, servername, ca, alpn } = target;
  return new Promise((resolve, reject) => {
    // Not refused by itself: what a wrong server shows is the evidence. Nothing is sent to it.
    const socket = tls.connect({
      host,
      port,
      servername,
      ca,
      ALPNProtocols: [alpn],
      rejectUnauthorized: false,
    });
    const end = (error: Error) => socket.destroy(error);
    const timer = setTimeout(() => end(noAnswer()), TIMEOUT_MS);
    const onAbort = () => end(new Error('aborted'));
    target.signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      target.signal?.removeEventListener('abort', onAbort);
      reject(new Error(`${host}:${port} closed the connection`));
    });
    socket.on('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      const refusal = socket.authorized ? undefined : nameOf(socket.authorizationError);
      if (certificate) resolve({ certificate, ...(refusal ? { refusal } : {}) });
      socket.destroy();
    });
  });
}

/** HTTPS GET of a path, verified. Returns the status code. */
export function getStatus(target: TlsTarget, path: string): Promise<number> {
  const { host, port, servername, ca, signal } = target;
  return new Promise((resolve, reject) => {
    const request = https.get(
      { host, port, path, servername, ca, agent: false, ...(signal ? { signal } : {}) },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    const timer = setTimeout(() => request.destroy(noAnswer()), TIMEOUT_MS);
    request.on('error', reject);
    request.on('close', () => clearTimeout(timer));
  });
}

const UNREACHABLE = ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'];

/** Whether an error says that there is no way to the server, rather than a wrong server. */
export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.includes(String((error as NodeJS.ErrnoException).code));
}

function noAnswer(): Error {
  const error = new Error(`no answer within ${TIMEOUT_MS / 1000} s`);
  return Object.assign(error, { code: 'ETIMEDOUT' });
}

/** Node sets the code of the failure here, though its types say Error. */
function nameOf(error: Error | string | undefined): string {
  return String((error as { code?: string } | undefined)?.code ?? error ?? 'not authorized');
}
