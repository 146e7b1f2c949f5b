import { setTimeout as sleep } from 'node:timers/promises';
import { isRace, mayPass } from '../cluster/passing.js';
import { interrupted } from '../cluster/poll.js';
import type { Bounds } from './bounds.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Does `work` again where its failure may pass: a server or webhook that does not answer for the moment, as
 * right after istiod has started, or a write that met another one. Pauses grow and have jitter, so that
 * parallel writes do not come back together. `what`: the end of "waits for …".
 * @throws what `work` failed with last; MeshplanError `interrupted` when the signal fires between two tries.
 */
export async function retrying<T>(
  what: string,
  work: () => Promise<T>,
  { left, signal, onReason }: Bounds,
): Promise<T> {
  const end = Date.now() + left('write');
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) && !isRace(error)) throw error;
      if (Date.now() + pause > end) throw error;
      if (signal.aborted) throw interrupted(what, error.message);
      onReason(what, error.message);
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }
}
