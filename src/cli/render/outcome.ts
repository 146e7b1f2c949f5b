import type { ApplyResult } from '../../model/events.js';
import type { Plan } from '../../model/plan.js';
import type { Colors } from '../output.js';

/** What an apply or destroy came to, and what is left to do. */
export function renderOutcome(
  plan: Plan,
  result: ApplyResult,
  command: 'apply' | 'destroy',
  colors: Colors,
): string {
  const of = (outcome: string) =>
    [...result.outcomes].filter(([, value]) => value === outcome).map(([id]) => id);
  const failed = of('failed');
  const left = [...of('left'), ...of('skipped')];
  const verb = command === 'apply' ? 'Applied' : 'Removed';
  const counts = `${countOf(result.changed, 'object')} changed, ${countOf(of('done').length, 'action')} done`;
  if (failed.length === 0 && left.length === 0) {
    return colors.green(`${verb}: mesh ${plan.mesh}, ${counts}.`);
  }
  const lines = [`${colors.red('Not finished')}: ${counts}.`];
  if (failed.length > 0) lines.push(`  failed: ${failed.join(', ')}`);
  if (left.length > 0) lines.push(`  not begun: ${left.join(', ')}`);
  lines.push(`Run meshplan ${command} again to go on from here.`);
  return lines.join('\n');
}

const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The counts of a run in one line. */
export function summaryOf({ outcomes, changed }: ApplyResult): string {
  const count = (wanted: string) => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  const parts = [`${countOf(changed, 'object')} changed`, `${countOf(count('done'), 'action')} done`];
  for (const outcome of ['failed', 'skipped', 'left']) {
    if (count(outcome) > 0) parts.push(`${count(outcome)} ${outcome}`);
  }
  return parts.join(', ');
}
