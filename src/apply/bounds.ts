import type { OnReason, PollOptions } from '../cluster/poll.js';
import type { Wait } from '../model/action.js';

/** What an action may have to wait for. `write`: a server that refuses a write for the moment. */
export type Awaited = Wait['type'] | 'address' | 'token' | 'kind-served' | 'gone' | 'write';

/**
 * Milliseconds that each may take where `--timeout` says nothing. A cloud makes a load balancer in minutes
 * and pulls images in minutes; istiod's lease passes on within half a minute; what the API server or a
 * controller does alone takes seconds.
 */
const DEFAULT_MS: Record<Awaited, number> = {
  'crds-established': 60_000,
  rollout: 300_000,
  'injector-trusted': 180_000,
  'root-distributed': 180_000,
  address: 300_000,
  token: 30_000,
  'kind-served': 60_000,
  gone: 300_000,
  write: 60_000,
};

/** Milliseconds of a whole action, all its waits together. */
const ACTION_MS = 600_000;

/** How long the parts of one action may take, who ends it, and who is told why it takes long. */
export interface Bounds {
  /** Milliseconds that are left for a wait which begins now. */
  left(awaited: Awaited): number;
  signal: AbortSignal;
  onReason: OnReason;
}

/** The bounds of an action that begins now. `timeoutMs` overrides every default. */
export function boundsFrom(
  now: number,
  { timeoutMs, ...rest }: { timeoutMs: number | undefined } & Pick<Bounds, 'signal' | 'onReason'>,
): Bounds {
  const end = now + (timeoutMs ?? ACTION_MS);
  const left = (awaited: Awaited) =>
    Math.max(0, Math.min(timeoutMs ?? DEFAULT_MS[awaited], end - Date.now()));
  return { left, ...rest };
}

/** One wait inside the bounds of its action. `what`: the end of "waits for …". */
export const waitFor = ({ left, signal, onReason }: Bounds, awaited: Awaited, what: string): PollOptions => ({
  what,
  timeoutMs: left(awaited),
  signal,
  onReason,
});
