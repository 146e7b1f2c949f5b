import type { LabLayout } from '../layout.js';
import type { LabStatus } from '../types.js';
import { begin } from './begin.js';
import type { TaskContext } from './context.js';
import { inspect } from './inspect.js';
import { mend } from './mend.js';
import { startAgain, stop } from './power.js';

/** What is done where the clusters' addresses are reachable. All else that it needs is in `lab.json`. */
export type LabTask =
  | { do: 'begin' | 'mend' | 'status' }
  | {
      do: 'start' | 'stop';
      cluster: string;
    };

export type { TaskContext } from './context.js';

/** Does the work in this process; the lab is as the answer says. @throws the signal's reason when it came before. */
export async function perform(lab: LabLayout, task: LabTask, context: TaskContext): Promise<LabStatus> {
  context.signal.throwIfAborted();
  switch (task.do) {
    case 'begin':
      await begin(lab, context);
      break;
    case 'mend':
      await mend(lab, context);
      break;
    case 'start':
      await startAgain(lab, task.cluster, context);
      break;
    case 'stop':
      await stop(lab, task.cluster, context);
      break;
    case 'status':
      break;
  }
  return inspect(lab);
}
