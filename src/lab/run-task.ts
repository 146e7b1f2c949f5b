import type { LabLayout } from './layout.js';
import type { LabState } from './state.js';
import { type LabTask, perform, type TaskContext } from './tasks/index.js';
import type { LabStatus } from './types.js';
import { performInHub } from './worker.js';

/** Does a task where the lab's clusters are reachable: at level 2 that is inside of its hub. */
export function runTask(
  lab: LabLayout,
  state: Pick<LabState, 'level'>,
  task: LabTask,
  context: Partial<TaskContext> = {},
): Promise<LabStatus> {
  const { onEvent = () => undefined, signal = new AbortController().signal } = context;
  const work = state.level === 1 ? perform : performInHub;
  return work(lab, task, { onEvent, signal });
}
