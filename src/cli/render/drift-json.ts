import type { DriftReport } from '../../model/drift.js';
import { planToJson } from '../../plan/plan-json.js';

/** The plan's shape, with the entries of all lenses, and how much each rule of spec.drift.ignore took out. */
export function driftToJson({ plan, ignored }: DriftReport): unknown {
  return {
    ...planToJson(plan),
    ignored: ignored.map(({ rule: { source: _, ...rule }, count }) => ({ ...rule, count })),
  };
}
