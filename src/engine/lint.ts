import { judge, type Verdict } from '../lint/judge.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Plan } from '../model/plan.js';
import type { Context } from './context.js';

/** What is left of the findings about mesh.yaml, and of those that the clusters told. */
export function verdictOn({ mesh, lint }: Context, live: readonly Diagnostic[] = []): Verdict {
  return judge([...lint.found, ...live], {
    policy: mesh.lint,
    now: lint.now,
    isStrict: lint.isStrict,
    isLive: false,
  });
}

/** The plan with what waivers keep back. */
export const withWaived = (plan: Plan, { waived }: Verdict): Plan =>
  waived.length > 0 ? { ...plan, waived } : plan;
