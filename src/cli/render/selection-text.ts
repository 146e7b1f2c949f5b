import type { Plan } from '../../model/plan.js';
import { worstImpact } from '../../plan/impact.js';
import { countLeftOut } from '../../plan/select.js';

/** How many actions are named before the rest is only counted. */
const MOST_NAMED = 3;

/** The worst that the plan does to traffic, and where; like the actions' own, not told where it is none. */
export function impactLines(plan: Plan): string[] {
  const { impact, actions } = worstImpact(plan);
  if (impact === 'none') return [];
  const named = actions.slice(0, MOST_NAMED).join(', ');
  const rest = actions.length > MOST_NAMED ? ` and ${actions.length - MOST_NAMED} more` : '';
  return [`Impact on traffic: ${impact} at worst, by ${named}${rest}.`];
}

/** That a plan is partial, and how much is left out of it. */
export function selectionLines(plan: Plan): string[] {
  const { selection } = plan;
  if (!selection) return [];
  const flags = [
    ...selection.targets.map((item) => `--target ${item}`),
    ...selection.excludes.map((item) => `--exclude ${item}`),
  ];
  return [`Partial plan: ${flags.join(', ')}. ${leftOutText(plan)}`];
}

function leftOutText(plan: Plan): string {
  const { whole, part } = countLeftOut(plan);
  if (whole + part === 0) return 'Nothing that would change is left out.';
  const actions = (count: number) => `${count} ${count === 1 ? 'action' : 'actions'} with changes`;
  const parts = [
    ...(whole > 0 ? [`${actions(whole)} ${whole === 1 ? 'is' : 'are'} not selected`] : []),
    ...(part > 0 ? [`${actions(part)} ${part === 1 ? 'is' : 'are'} selected in part`] : []),
  ];
  return `${parts.join(', ')}.`;
}
