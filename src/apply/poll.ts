import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, MeshplanError, UnreachableError } from '../errors/index.js';

export interface PollOptions {
  /** What is waited for, as the end of "waits for …". */
  what: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Told each time the reason why it is not so yet changes. */
  onReason: (reason: string) => void;
}

const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1_000;
/** What comes sooner is not worth a line. */
const QUIET_MS = 1_000;
/** A long wait is told again, so that nobody thinks it hangs. */
const REMIND_MS = 15_000;

/** The answer of one look: the value, or why it is not there yet. */
export type Look<T> = { value: T } | { pending: string };

/**
 * Looks again and again, ever more slowly, until the value is there.
 * @throws MeshplanError `wait-timeout` with the last reason; `interrupted` when the signal fires.
 */
export async function poll<T>(look: () => Promise<Look<T>>, options: PollOptions): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  const begun = Date.now();
  let last = '';
  let told = { at: 0, reason: '' };
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const seen = await look().catch(pendingError);
    if ('value' in seen) return seen.value;
    last = seen.pending;
    const silence = Date.now() - (told.at || begun);
    const isNews = last !== told.reason && silence >= QUIET_MS;
    if (isNews || silence >= REMIND_MS) {
      options.onReason(`waits for ${options.what}: ${last}`);
      told = { at: Date.now(), reason: last };
    }
    if (options.signal.aborted) throw interrupted(options.what, last);
    if (Date.now() >= deadline) {
      throw new MeshplanError(
        'wait-timeout',
        `${options.what} did not come within ${options.timeoutMs / 1_000} s: ${last}`,
        {
          hint: 'Mend the cause and run apply again; it goes on from here. --timeout gives more time.',
        },
      );
    }
    await sleep(pause, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

const interrupted = (what: string, reason: string) =>
  new MeshplanError('interrupted', `interrupted while waiting for ${what}: ${reason}`, {
    hint: 'Run apply again; it goes on from here.',
  });

/** A server that is briefly gone or busy is one more reason to wait; a refusal is not. */
function pendingError(error: unknown): { pending: string } {
  const passes =
    error instanceof UnreachableError ||
    (error instanceof ApiError && (error.status >= 500 || error.status === 429));
  if (!passes) throw error;
  return { pending: error.message };
}
