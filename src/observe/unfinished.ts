import { progressOf } from '../cluster/rollout/progress.js';
import type { Observation } from './observe.js';

/**
 * Rollouts that an earlier run began and did not see complete, and that still are not: by address, how far they
 * are. Told from what was read anyway.
 */
export function unfinishedRollouts(
  begun: ReadonlySet<string>,
  observations: ReadonlyMap<string, Observation>,
): Map<string, string> {
  return new Map(
    [...begun].flatMap((address): [string, string][] => {
      const seen = observations.get(address);
      const progress = seen?.type === 'present' ? progressOf(seen.live) : undefined;
      return !progress || progress.type === 'done' ? [] : [[address, progress.what]];
    }),
  );
}
