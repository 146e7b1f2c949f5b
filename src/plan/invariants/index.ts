import type { DesiredAction } from '../../model/action.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { Plan, PlannedAction } from '../../model/plan.js';
import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import type { Observations } from '../../observe/observe.js';
import type { Invariant, Violation } from './invariant.js';
import { meshId } from './mesh-id.js';
import { network } from './network.js';
import { oneRoot } from './one-root.js';
import { remoteSecrets } from './remote-secrets.js';
import { PredictedState } from './state.js';
import { versionSkew } from './version-skew.js';

const INVARIANTS: readonly Invariant[] = [oneRoot, meshId, network, remoteSecrets, versionSkew];

interface Input {
  plan: Plan;
  mesh: ResolvedMesh;
  actions: DesiredAction[];
  observations: Observations;
}

/**
 * Walks the plan in its order over the predicted state, and tells each step by which the mesh would break
 * that was whole before: by an order, or because what belongs together was only selected in part. What is
 * broken already is no reason to refuse: the plan may be there to mend it.
 */
export function checkInvariants(input: Input): Diagnostic[] {
  const { plan, mesh } = input;
  const state = new PredictedState(input);
  const known = new Map(INVARIANTS.map((item) => [item, new Set(subjectsOf(item.violations(state, mesh)))]));
  const found: Diagnostic[] = [];
  /** What a later step may put right, with the step that brought it. */
  const pending = new Map<string, PlannedAction>();
  for (const action of plan.actions) {
    const changed = state.advance(action);
    for (const invariant of INVARIANTS) {
      if (!changed.some((key) => invariant.concerns.test(key))) continue;
      const told = known.get(invariant);
      const fresh = invariant.violations(state, mesh).filter(({ subject }) => !told?.has(subject));
      for (const violation of fresh.filter(({ passing }) => passing)) {
        const key = `${invariant.code} ${violation.subject}`;
        if (!pending.has(key)) pending.set(key, action);
      }
      const lasting = fresh.filter(({ passing }) => !passing);
      for (const { subject } of lasting) told?.add(subject);
      found.push(...lasting.slice(0, 1).map((violation) => finding(invariant, violation, action)));
    }
  }
  return [...found, ...remaining(state, mesh, pending)];
}

const subjectsOf = (violations: Violation[]) => violations.map(({ subject }) => subject);

function remaining(
  state: PredictedState,
  mesh: ResolvedMesh,
  pending: ReadonlyMap<string, PlannedAction>,
): Diagnostic[] {
  if (pending.size === 0) return [];
  return INVARIANTS.flatMap((invariant) =>
    invariant.violations(state, mesh).flatMap((violation) => {
      const action = pending.get(`${invariant.code} ${violation.subject}`);
      return action ? [finding(invariant, violation, action)] : [];
    }),
  );
}

const finding = (
  { code }: Invariant,
  { severity, what, hint }: Violation,
  { id, source }: PlannedAction,
): Diagnostic => ({
  severity,
  code,
  message: `${id} would ${severity === 'error' ? 'break' : 'strain'} the mesh: ${what}`,
  hint,
  ...source,
});
