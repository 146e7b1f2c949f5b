import { Listr, type ListrTaskWrapper } from 'listr2';
import type { ApplyEvent } from '../../model/events.js';
import type { PlannedAction } from '../../model/plan.js';
import type { ProgressReport } from './report.js';

type Task = Pick<ListrTaskWrapper<unknown, never, never>, 'title' | 'output' | 'skip'>;

interface Row {
  end: (outcome: { failed?: string }) => void;
  task?: Task;
}

/** One line per action with its state, what it waits for, and how long it took. */
export function liveProgress(actions: PlannedAction[]): ProgressReport {
  const rows = new Map<string, Row>();
  const list = new Listr(
    actions.map((action) => {
      const ended = new Promise<{ failed?: string }>((resolve) => rows.set(action.id, { end: resolve }));
      return {
        title: action.id,
        task: async (_context: unknown, task: unknown) => {
          const row = rows.get(action.id);
          if (row) row.task = task as Task;
          const { failed } = await ended;
          if (failed !== undefined) throw new Error(failed);
        },
      };
    }),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: { collapseSubtasks: false, showErrorMessage: true, collapseErrors: false },
    },
  );
  const shown = list.run().catch(() => undefined);
  return {
    onEvent: (event) => update(rows.get(event.action ?? ''), event),
    async end() {
      // What never began would keep the list waiting.
      for (const row of rows.values()) {
        if (row.task) row.task.output = '';
        row.end({});
      }
      await shown;
    },
  };
}

function update(row: Row | undefined, event: ApplyEvent): void {
  if (!row?.task) return;
  const took = event.durationMs === undefined ? '' : ` (${(event.durationMs / 1_000).toFixed(1)} s)`;
  switch (event.type) {
    case 'action.progress':
      row.task.output = event.message ?? '';
      return;
    case 'action.done':
      row.task.title = `${event.action}${took}: ${event.message}`;
      row.end({});
      return;
    case 'action.failed':
      row.task.title = `${event.action}${took}`;
      row.end({ failed: event.message ?? 'failed' });
      return;
    case 'action.skipped':
      row.task.skip(`${event.action}: skipped, ${event.message}`);
      row.end({});
      return;
    default:
      return;
  }
}
