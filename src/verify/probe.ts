import { MeshplanError, messageOf } from '../errors/index.js';
import type { VerifyInput } from './input.js';
import { PATHS } from './names.js';

const TIMEOUT_MS = 10_000;

/** The first answer of a cluster's API server, or why there is none. */
export type Probe =
  | {
      reachable: true;
      /** `gitVersion`, e.g. `v1.33.2`. */
      version: string;
      /** The server's clock (header `Date`, whole seconds), where it tells it. */
      serverTime?: Date;
      /** Milliseconds by which the server's clock is ahead of the local one. */
      skewMs?: number;
    }
  | { reachable: false; error: string; hint?: string };

/** Asks one cluster for its version. Never throws, but when the run is aborted. */
export async function probeCluster(input: VerifyInput, name: string): Promise<Probe> {
  const facts = input.facts.clusters[name];
  // Read moments ago: asking a dead server again would only cost its timeout. Later looks have facts of the first.
  if (!input.statusOnly && facts && !facts.reachable) {
    return { reachable: false, error: facts.error, ...(facts.hint ? { hint: facts.hint } : {}) };
  }
  const cluster = input.clusters.get(name);
  if (!cluster) return { reachable: false, error: `${name}: no connection was opened` };
  try {
    const sent = localTime(input);
    const { body, headers } = await cluster.request(PATHS.version, {
      timeoutMs: input.timeoutMs ?? TIMEOUT_MS,
      ...(input.signal ? { signal: input.signal } : {}),
    });
    const version = (body as { gitVersion?: string }).gitVersion ?? 'unknown';
    return { reachable: true, version, ...clockOf(headers.date, (sent + localTime(input)) / 2) };
  } catch (error) {
    input.signal?.throwIfAborted();
    const hint = error instanceof MeshplanError ? error.hint : undefined;
    return { reachable: false, error: messageOf(error), ...(hint ? { hint } : {}) };
  }
}

const localTime = (input: VerifyInput) => (input.now ?? new Date()).getTime();

/** Compares a `Date` header with the local time (milliseconds since 1970) at which it was written. */
export function clockOf(
  header: string | string[] | undefined,
  localMs: number,
): { serverTime?: Date; skewMs?: number } {
  const serverMs = Date.parse(String(header));
  if (Number.isNaN(serverMs)) return {};
  // The header is cut to whole seconds, so on average it is half a second late.
  return { serverTime: new Date(serverMs), skewMs: serverMs + 500 - localMs };
}
