import type { ApplyReport } from '../../apply/apply.js';
import type { Changes } from '../../apply/tally.js';
import { MeshplanError } from '../../errors/index.js';
import type { ActionOutcome } from '../../model/events.js';
import type { Plan } from '../../model/plan.js';
import { countLeftOut } from '../../plan/select.js';
import type { Colors } from '../output.js';

/** What an apply or destroy came to, and what is left to do. Counts in the words of the plan's last line. */
export function renderOutcome(
  plan: Plan,
  result: ApplyReport,
  command: 'apply' | 'destroy',
  colors: Colors,
): string {
  const interrupted = interruptedActions(result);
  const failed = actionsThat(result, 'failed').filter((id) => !interrupted.includes(id));
  const left = [...actionsThat(result, 'left'), ...actionsThat(result, 'skipped')];
  const isUnsaved = result.unsaved !== undefined;
  const counts = countsOf(result.changes);
  if (failed.length + interrupted.length + left.length === 0 && !isUnsaved) {
    const done = command === 'apply' ? 'Applied' : 'Removed';
    const { whole, part } = countLeftOut(plan);
    return colors.green(`${done}${whole + part > 0 ? ' in part' : ''}: mesh ${plan.mesh}, ${counts}.`);
  }
  const lines = [`${colors.red('Not finished')}: mesh ${plan.mesh}, ${counts}.`];
  if (failed.length > 0) lines.push(`  failed: ${failed.join(', ')}`);
  for (const id of failed) {
    const because = [...result.skippedFor].filter(([, root]) => root === id).map(([skipped]) => skipped);
    const named = because.filter((skipped) => left.includes(skipped));
    if (named.length > 0) lines.push(`  skipped for ${id}: ${named.join(', ')}`);
  }
  if (interrupted.length > 0) lines.push(`  interrupted: ${interrupted.join(', ')}`);
  if (left.length > 0) lines.push(`  not begun: ${left.join(', ')}`);
  for (const { name, reachable, error } of plan.clusters) {
    if (!reachable) lines.push(`  not read: ${name}${error ? ` (${error})` : ''}`);
  }
  // Where something failed, the way on is told with how the mesh stands.
  const isSafeStop = failed.length + interrupted.length > 0 || result.interrupted || isUnsaved;
  const isStale = plan.actions.some((action) => action.reason === 'stale-object');
  if (isStale) lines.push('Plan again for what was left out, as it is stale.');
  else if (!isSafeStop) lines.push(`Run meshplan ${command} again to go on from here.`);
  return lines.join('\n');
}

/** The counts of a run in one line. */
export function summaryOf(result: ApplyReport): string {
  const interrupted = interruptedActions(result).length;
  const done = actionsThat(result, 'done').length;
  const parts = [countsOf(result.changes), `${done} ${done === 1 ? 'action' : 'actions'} done`];
  const rest: [count: number, what: string][] = [
    [actionsThat(result, 'failed').length - interrupted, 'failed'],
    [interrupted, 'interrupted'],
    [actionsThat(result, 'skipped').length, 'skipped'],
    [actionsThat(result, 'left').length, 'not begun'],
  ];
  for (const [count, what] of rest) if (count > 0) parts.push(`${count} ${what}`);
  return parts.join(', ');
}

function countsOf({ created, updated, replaced, deleted }: Changes): string {
  const counts = `${created} created, ${updated} updated, ${deleted} deleted`;
  return replaced > 0 ? `${counts}, ${replaced} replaced` : counts;
}

const actionsThat = ({ outcomes }: ApplyReport, wanted: ActionOutcome): string[] =>
  [...outcomes].filter(([, outcome]) => outcome === wanted).map(([id]) => id);

/** Actions that Ctrl-C kept from ending what they waited for. */
const interruptedActions = ({ failures }: ApplyReport): string[] =>
  failures
    .filter(({ error }) => error instanceof MeshplanError && error.code === 'interrupted')
    .map(({ action }) => action);
