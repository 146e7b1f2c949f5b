import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError } from '../errors/index.js';

export interface WaitOptions {
  /** What is waited for, to complete "… did not come within 60 s". */
  what: string;
  intervalMs: number;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Asks until the answer is neither undefined nor false.
 * @throws MeshplanError `lab-timeout`; the signal's reason when it is aborted.
 */
export async function waitFor<T>(
  ask: () => Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    options.signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) {
      const seconds = Math.round(options.timeoutMs / 1_000);
      throw new MeshplanError('lab-timeout', `${options.what} did not come within ${seconds} s`, {
        hint: 'The machine may be too busy; try again. Logs are in the folder of the lab.',
      });
    }
    await sleep(options.intervalMs, undefined, { signal: options.signal });
  }
}
