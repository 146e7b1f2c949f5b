import { ensureAgent, waitForAgent } from '../agent-process.js';
import type { LabLayout } from '../layout.js';
import { writeUserFiles } from '../user-files.js';
import { stateOf, type TaskContext } from './context.js';
import { inspect } from './inspect.js';
import { revive } from './power.js';

/** Starts what does not run of a lab that was complete once; its data is kept. */
export async function mend(lab: LabLayout, context: TaskContext): Promise<void> {
  const { onEvent, signal } = context;
  const started = Date.now();
  const status = await inspect(lab);
  if (status.state === 'running') {
    onEvent({ type: 'lab.unchanged', message: 'The lab is up already; nothing to do.' });
    return;
  }
  const agent = await ensureAgent(lab);
  const broken = status.clusters.filter((item) => item.state !== 'running');
  for (const { name, state: was } of broken) {
    onEvent({ type: 'lab.mending', cluster: name, message: `Mending (it was ${was}).` });
  }
  await revive(
    lab,
    broken.map((item) => item.name),
    context,
  );
  const current = await stateOf(lab);
  await waitForAgent(lab, agent, current, signal);
  await writeUserFiles(lab, current);
  onEvent({ type: 'lab.ready', message: 'The lab is up.', durationMs: Date.now() - started });
}
