import {
  DefaultRenderer,
  Listr,
  type ListrDefaultRendererTask,
  ListrLogger,
  type ListrTaskWrapper,
  ProcessOutput,
} from 'listr2';
import type { ApplyEvent } from '../../model/events.js';
import type { ProgressReport } from './report.js';

/** listr2 asks stdout whether there is a terminal; ours is stderr, and stdout may well be a pipe. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;

  /** To listr2 every row runs from the start; a spinner is for those whose action does. */
  protected override style(task: ListrDefaultRendererTask, output?: boolean): string {
    return task.title?.endsWith(NOT_BEGUN) ? ' ' : super.style(task, output);
  }
}

const NOT_BEGUN = ': not begun';

type Task = Pick<ListrTaskWrapper<unknown, never, never>, 'title' | 'output' | 'skip'>;

/** One action on the screen. */
interface Row {
  task?: Task;
  /** What came before listr2 had begun the row. */
  early: ApplyEvent[];
  end: (outcome: { failed?: string }) => void;
  ended: Promise<{ failed?: string }>;
}

/** One line per action, or step of a test, with its state, what it waits for, and how long it took. */
export function liveProgress(actions: readonly { id: string }[]): ProgressReport {
  const rows = new Map(actions.map((action) => [action.id, newRow()]));
  const list = new Listr(
    actions.map((action) => ({
      title: `${action.id}${NOT_BEGUN}`,
      task: (_context: unknown, task: unknown) => show(rows.get(action.id), task as Task),
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: StderrRenderer,
      rendererOptions: {
        collapseSubtasks: false,
        collapseErrors: false,
        logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
      },
    },
  );
  const shown = list.run().catch(() => undefined);
  return {
    onEvent: (event) => {
      const row = rows.get(event.action ?? '');
      if (row) update(row, event);
    },
    async end() {
      // What never began would keep the list waiting.
      for (const row of rows.values()) row.end({});
      await shown;
    },
  };
}

function newRow(): Row {
  let end: Row['end'] = () => {};
  const ended = new Promise<{ failed?: string }>((resolve) => {
    end = resolve;
  });
  return { early: [], end, ended };
}

async function show(row: Row | undefined, task: Task): Promise<void> {
  if (!row) return;
  row.task = task;
  for (const event of row.early.splice(0)) update(row, event);
  const { failed } = await row.ended;
  if (failed !== undefined) throw new Error(failed);
}

function update(row: Row, event: ApplyEvent): void {
  if (!row.task) {
    row.early.push(event);
    return;
  }
  const took = event.durationMs === undefined ? '' : ` (${(event.durationMs / 1_000).toFixed(1)} s)`;
  switch (event.type) {
    case 'action.started':
      row.task.title = `${event.action}`;
      // What it had to wait for before.
      row.task.output = '';
      break;
    case 'action.progress':
      row.task.output = [event.message, event.hint && `hint: ${event.hint}`].filter(Boolean).join('\n');
      break;
    case 'action.done':
      row.task.title = `${event.action}${took}: ${event.message}`;
      row.end({});
      break;
    case 'action.failed':
      row.task.title = `${event.action}${took}`;
      row.end({ failed: event.message ?? 'failed' });
      break;
    case 'action.skipped':
      row.task.skip(`${event.action}: skipped, ${event.message}`);
      row.end({});
      break;
    case 'summary':
      break;
  }
}
