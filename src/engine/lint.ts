import { judge, type Verdict } from '../lint/judge.js';
import type { Plan } from '../model/plan.js';
import type { Context } from './context.js';

/** What is left of the findings about mesh.yaml. */
export function verdictOn({ mesh, lint }: Context): Verdict {
  return judge(lint.found, { policy: mesh.lint, now: lint.now, isStrict: lint.isStrict, isLive: false });
}

/** The plan with what waivers keep back. */
export const withWaived = (plan: Plan, { waived }: Verdict): Plan =>
  waived.length > 0 ? { ...plan, waived } : plan;
