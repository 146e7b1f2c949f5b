import type { Plan, PlannedAction, PlannedObject } from '../model/plan.js';
import { worstImpact } from './impact.js';

/** What `plan -o json` prints, and a saved plan holds. */
export type PlanJson = ReturnType<typeof planToJson>;

/** The plan as the contract's section 4 lays it down; what is internal to meshplan stays out. */
export function planToJson(plan: Plan) {
  const { formatVersion, mesh, mode, complete, overlays, clusters, drift, diagnostics, summary } = plan;
  const { environment, selection, abandoned, fenced, waived } = plan;
  return {
    formatVersion,
    mesh,
    mode,
    complete,
    ...(environment === undefined ? {} : { environment }),
    overlays,
    clusters,
    actions: plan.actions.map(actionToJson),
    drift,
    diagnostics,
    ...(waived ? { waived } : {}),
    summary,
    impact: worstImpact(plan).impact,
    ...(selection
      ? { selection: { ...selection, included: selection.included.map((item) => item.id) } }
      : {}),
    ...(abandoned ? { abandoned } : {}),
    ...(fenced ? { fenced } : {}),
  };
}

function actionToJson({ id, kind, cluster, after, change, reason, impact, purpose, objects }: PlannedAction) {
  return { id, kind, cluster, after, change, reason, impact, purpose, objects: objects.map(objectToJson) };
}

function objectToJson(object: PlannedObject) {
  const { address, cluster, apiVersion, kind, namespace, name, change, reason, patch, sensitive, unknown } =
    object;
  const { adoptedFrom, notes } = object;
  return {
    address,
    cluster,
    apiVersion,
    kind,
    ...(namespace ? { namespace } : {}),
    name,
    change,
    reason,
    ...(adoptedFrom ? { adoptedFrom } : {}),
    ...(notes ? { notes } : {}),
    patch,
    sensitive,
    unknown: unknown.map((item) => item.pointer),
  };
}
