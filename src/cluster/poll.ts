import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError } from '../errors/index.js';
import { mayPass } from './passing.js';

export interface PollOptions {
  /** What is waited for, as the end of "waits for …". */
  what: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Told each time the reason why it is not so yet changes. */
  onReason: OnReason;
}

/** `what`: the end of "waits for …"; `why`: what stands in the way; `hint`: what to do about it. */
export type OnReason = (what: string, why: string, hint?: string) => void;

const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1_000;
/** What comes sooner is not worth a line. */
const QUIET_MS = 1_000;
/** A long wait is told again, so that nobody thinks it hangs. */
const REMIND_MS = 15_000;
/** How often a reason is looked into; it costs a request or two. */
const EXPLAIN_MS = 5_000;

/** Why a value is not there yet, and what to do about that. */
export interface Pending {
  pending: string;
  hint?: string;
  /** Finds out more, to be told in its place; what it fails with is nobody's business. */
  explain?: () => Promise<Omit<Pending, 'explain'>>;
}

/** The answer of one look: the value, or why it is not there yet. */
export type Look<T> = { value: T } | Pending;

/**
 * Looks again and again, ever more slowly, until the value is there.
 * @throws MeshplanError `wait-timeout` with the last reason; `interrupted` when the signal fires.
 */
export async function poll<T>(look: () => Promise<Look<T>>, options: PollOptions): Promise<T> {
  const reason = new Reason(options);
  const deadline = Date.now() + options.timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const seen = await look().catch(pendingError);
    if ('value' in seen) return seen.value;
    await reason.note(seen);
    if (options.signal.aborted) throw interrupted(options.what, (await reason.full(seen)).pending);
    if (Date.now() >= deadline) throw timedOut(options, await reason.full(seen));
    await sleep(pause, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

function timedOut({ what, timeoutMs }: PollOptions, { pending, hint }: Pending): MeshplanError {
  const way = 'run apply again; it goes on from here. --timeout gives more time.';
  return new MeshplanError(
    'wait-timeout',
    `${what} did not come within ${secondsOf(timeoutMs)} s: ${pending}`,
    { hint: hint ? `${hint} Then ${way}` : `Mend the cause and ${way}` },
  );
}

const secondsOf = (ms: number): number => (ms < 10_000 ? ms / 1_000 : Math.round(ms / 1_000));

/** Why it is not so yet, told at news and, so that nobody thinks it hangs, from time to time. */
class Reason {
  readonly #options: Pick<PollOptions, 'what' | 'onReason'>;
  readonly #begun = Date.now();
  #told = { at: 0, why: '' };
  /** The last look into a reason: when, which, and what came of it. */
  #found: { at: number; of: string; full: Pending } | undefined;

  constructor(options: Pick<PollOptions, 'what' | 'onReason'>) {
    this.#options = options;
  }

  async note(seen: Pending): Promise<void> {
    const now = Date.now();
    if (now - this.#begun < QUIET_MS) return;
    if (now - (this.#found?.at ?? 0) >= EXPLAIN_MS) await this.full(seen);
    const { pending, hint } = this.#found?.of === seen.pending ? this.#found.full : seen;
    const silence = now - (this.#told.at || this.#begun);
    const isNews = pending !== this.#told.why && silence >= QUIET_MS;
    if (!isNews && silence < REMIND_MS) return;
    this.#options.onReason(this.#options.what, pending, hint);
    this.#told = { at: now, why: pending };
  }

  /** Everything that can be said now. */
  async full(seen: Pending): Promise<Pending> {
    const full = (await seen.explain?.().catch(() => undefined)) ?? seen;
    this.#found = { at: Date.now(), of: seen.pending, full };
    return full;
  }
}

export const interrupted = (what: string, reason: string) =>
  new MeshplanError('interrupted', `interrupted while waiting for ${what}: ${reason}`, {
    hint: 'Run apply again; it goes on from here.',
  });

/** A server that is briefly gone or busy is one more reason to wait; a refusal is not. */
function pendingError(error: unknown): Pending {
  if (!mayPass(error)) throw error;
  return { pending: error.message };
}
