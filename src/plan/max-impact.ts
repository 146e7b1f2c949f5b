import type { Impact } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Plan, PlannedAction } from '../model/plan.js';
import type { PlanRequest } from '../model/request.js';
import { rankOf } from './impact.js';

/** Refuses a plan that does more to traffic than the run permits; nothing of it is left out in silence. */
export function limitImpact(plan: Plan, { maxImpact }: PlanRequest): Plan {
  if (maxImpact === undefined) return plan;
  const over = plan.actions.filter((action) => rankOf(action.impact) > rankOf(maxImpact));
  if (over.length === 0) return plan;
  return { ...plan, diagnostics: [...plan.diagnostics, ...over.map((action) => finding(action, maxImpact))] };
}

const finding = ({ id, impact }: PlannedAction, limit: Impact): Diagnostic => ({
  severity: 'error',
  code: 'impact-exceeded',
  message: `${id} has the impact ${impact}, and --max-impact permits ${limit}`,
  hint: `Permit ${impact} where it may be felt, or leave it out with --exclude ${id}; a promotion goes as a whole.`,
});
