import type { Diagnostic } from '../model/diagnostic.js';
import { PREVENT_DELETE } from '../model/names.js';
import type { Plan, PlannedObject } from '../model/plan.js';

/** Refuses a plan that would delete or replace what is kept from it, also with the Namespace around it. */
export function keepProtected(plan: Plan): Plan {
  const objects = plan.actions.flatMap((action) => action.objects);
  const ending = new Set(
    objects
      .filter(
        ({ kind, apiVersion, change }) => kind === 'Namespace' && apiVersion === 'v1' && change === 'delete',
      )
      .map(({ cluster, name }) => `${cluster}/${name}`),
  );
  const isLost = ({ change, cluster, namespace }: PlannedObject) =>
    change === 'delete' || change === 'replace' || ending.has(`${cluster}/${namespace}`);
  const lost = objects.filter((object) => object.protected && isLost(object));
  if (lost.length === 0) return plan;
  return { ...plan, diagnostics: [...plan.diagnostics, finding(lost)] };
}

const finding = (lost: PlannedObject[]): Diagnostic => ({
  severity: 'error',
  code: 'prevent-delete',
  message: `the plan would delete or replace what is kept from it: ${lost.map(({ address }) => address).join(', ')}`,
  hint: `If they may go: declare them with \`lifecycle: { preventDelete: false }\` (or take the annotation ${PREVENT_DELETE} off, where it was set by hand) and apply; then they can be removed.`,
});
