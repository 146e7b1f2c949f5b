import { locate } from './locate.js';
import { namesOf } from './network/names.js';
import { hasNetwork } from './network/network.js';
import { runTask } from './run-task.js';
import { readState } from './state.js';
import { inspect } from './tasks/inspect.js';
import type { LabStatus } from './types.js';

/** What runs and what does not, from the processes and API servers themselves. */
export async function labStatus(options: { dir: string }): Promise<LabStatus> {
  const lab = await locate(options.dir);
  const state = await readState(lab);
  if (state?.level !== 2) return inspect(lab);
  const isReachable = await hasNetwork(namesOf(lab.dir), state.clusters.length);
  return isReachable ? runTask(lab, state, { do: 'status' }) : inspect(lab, false);
}
