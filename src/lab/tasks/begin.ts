import { ensureAgent, waitForAgent } from '../agent-process.js';
import { startClusters } from '../cluster/start.js';
import type { LabLayout } from '../layout.js';
import { writeState } from '../state.js';
import { writeUserFiles } from '../user-files.js';
import { stateOf, type TaskContext } from './context.js';

/** Starts all of a new lab as `lab.json` describes it. */
export async function begin(lab: LabLayout, context: TaskContext): Promise<void> {
  const started = Date.now();
  const state = await stateOf(lab);
  const agent = await ensureAgent(lab);
  await startClusters(
    lab,
    state,
    state.clusters.map(({ name }) => name),
    context,
  );
  await waitForAgent(lab, agent, state, context.signal);
  await writeUserFiles(lab, state);
  await writeState(lab, { ...state, complete: true });
  context.onEvent({ type: 'lab.ready', message: 'The lab is up.', durationMs: Date.now() - started });
}
