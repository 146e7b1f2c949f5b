import type { DesiredAction } from '../model/action.js';
import type { Plan } from '../model/plan.js';
import type { PlanRequest } from '../model/request.js';
import { limitImpact } from '../plan/max-impact.js';
import { keepProtected } from '../plan/prevent-delete.js';
import { selectActions } from '../plan/select.js';

/** A pure step from the plan of everything to the plan that was asked for. */
type Refinement = (plan: Plan, request: PlanRequest, declared: readonly DesiredAction[]) => Plan;

/** In this order: what is left out of a plan needs no permission. */
const REFINEMENTS: readonly Refinement[] = [selectActions, keepProtected, limitImpact];

/** The plan as the run was asked for it. `declared`: all that mesh.yaml asks for. */
export const refine = (plan: Plan, request: PlanRequest, declared: readonly DesiredAction[]): Plan =>
  REFINEMENTS.reduce((refined, step) => step(refined, request, declared), plan);
