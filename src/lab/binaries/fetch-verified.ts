import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

/** A server that sends nothing for this long is given up. */
const STALL_TIMEOUT_MS = 20_000;

/** Bytes over all files of a transfer; `totalBytes` grows as servers announce sizes. */
export interface TransferCount {
  bytes: number;
  totalBytes: number;
}

interface Transfer {
  url: string;
  /** Lower-case hex. */
  sha256: string;
  /** Where the body goes; its content counts only when this call succeeds. */
  file: string;
  count: TransferCount;
  signal: AbortSignal | undefined;
}

/** Fetches a URL into a file. Throws an Error that names the URL and the fault when it is not what was pinned. */
export async function fetchVerified(transfer: Transfer): Promise<void> {
  const { sha256, signal } = transfer;
  const url = withoutCredentials(transfer.url);
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), STALL_TIMEOUT_MS);
  let digest: string;
  try {
    digest = await receive(transfer, AbortSignal.any([stall.signal, ...(signal ? [signal] : [])]), timer);
  } catch (error) {
    signal?.throwIfAborted();
    const reason = stall.signal.aborted
      ? `nothing was received for ${STALL_TIMEOUT_MS / 1000} s`
      : describeFailure(error);
    throw new Error(`${url}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  if (digest !== sha256) throw new Error(`${url}: wrong checksum: SHA-256 is ${digest}, pinned is ${sha256}`);
}

async function receive(transfer: Transfer, signal: AbortSignal, timer: NodeJS.Timeout): Promise<string> {
  const { url, file, count } = transfer;
  const headers = { 'accept-encoding': 'identity', ...authorization(url) };
  const response = await fetch(withoutCredentials(url), { signal, headers });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
  }
  const length = Number(response.headers.get('content-length'));
  count.totalBytes += length;
  const hash = createHash('sha256');
  const before = count.bytes;
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  const measure = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      timer.refresh();
      hash.update(chunk);
      count.bytes += chunk.length;
      yield chunk;
    }
  };
  try {
    await pipeline(body, measure, createWriteStream(file, { mode: 0o600 }), { signal });
  } catch (error) {
    const received = count.bytes - before;
    throw new Error(`broke off after ${received} of ${length} bytes: ${describeFailure(error)}`, {
      cause: error,
    });
  }
  return hash.digest('hex');
}

/** fetch() hides the system's words (refused, unknown host) in the cause of "fetch failed". */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.message !== 'fetch failed' || !(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}

/** The URL as it may be shown: a mirror's address can hold a user name and a password. */
export function withoutCredentials(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

/** fetch() refuses URLs with credentials, so they go where such a URL means them to go. */
function authorization(url: string): { authorization?: string } {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
