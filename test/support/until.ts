import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 100;

/** Looks until it holds. @throws with what was seen last, when the time (30 s unless told) is over. */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  limitMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(seen)}`);
    await sleep(PAUSE_MS);
  }
}
