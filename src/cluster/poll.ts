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

/** `what`: the end of "waits for …"; `why`: what stands in the way. */
export type OnReason = (what: string, why: string) => void;

const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1_000;
/** What comes sooner is not worth a line. */
const QUIET_MS = 1_000;
/** A long wait is told again, so that nobody thinks it hangs. */
const REMIND_MS = 15_000;
/** How often a reason is looked into; it costs a request or two. */
const EXPLAIN_MS = 5_000;

/** Why a value is not there yet. `explain` finds out more; what it fails with is nobody's business. */
export interface Pending {
  pending: string;
  explain?: () => Promise<string | undefined>;
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
    if (options.signal.aborted) throw interrupted(options.what, await reason.full(seen));
    if (Date.now() >= deadline) {
      throw new MeshplanError(
        'wait-timeout',
        `${options.what} did not come within ${secondsOf(options.timeoutMs)} s: ${await reason.full(seen)}`,
        {
          hint: 'Mend the cause and run apply again; it goes on from here. --timeout gives more time.',
        },
      );
    }
    await sleep(pause, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

const secondsOf = (ms: number): number => (ms < 10_000 ? ms / 1_000 : Math.round(ms / 1_000));

/** Why it is not so yet, told at news and, so that nobody thinks it hangs, from time to time. */
class Reason {
  readonly #options: Pick<PollOptions, 'what' | 'onReason'>;
  readonly #begun = Date.now();
  #told = { at: 0, why: '' };
  #more: { at: number; text: string | undefined } = { at: 0, text: undefined };

  constructor(options: Pick<PollOptions, 'what' | 'onReason'>) {
    this.#options = options;
  }

  async note(seen: Pending): Promise<void> {
    const now = Date.now();
    if (now - this.#begun < QUIET_MS) return;
    if (now - this.#more.at >= EXPLAIN_MS) await this.#explain(seen);
    const why = this.#join(seen);
    const silence = now - (this.#told.at || this.#begun);
    const isNews = why !== this.#told.why && silence >= QUIET_MS;
    if (!isNews && silence < REMIND_MS) return;
    this.#options.onReason(this.#options.what, why);
    this.#told = { at: now, why };
  }

  /** Everything that can be said now, for the last word. */
  async full(seen: Pending): Promise<string> {
    await this.#explain(seen);
    return this.#join(seen);
  }

  async #explain({ explain }: Pending): Promise<void> {
    this.#more = { at: Date.now(), text: await explain?.().catch(() => undefined) };
  }

  #join = ({ pending }: Pending) => (this.#more.text ? `${pending}; ${this.#more.text}` : pending);
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
