import { dependentsOf } from '../graph/graph.js';
import { reach } from '../graph/reach.js';
import type { DesiredAction } from '../model/action.js';
import type { Plan, PlannedAction, PlannedObject } from '../model/plan.js';
import type { PlanRequest } from '../model/request.js';
import { worstOf } from './impact.js';
import { changeOf, summarise } from './plan.js';
import { anyOf, refuseUnmatched } from './target-names.js';

/** What of a plan is selected. */
interface Choice {
  /** Whether an action is, with all that it does beyond its objects. */
  action(id: string): boolean;
  /** Whether one object of an action is. */
  object(id: string, address: string): boolean;
  /** By action that no target names, but that one needs: which action needs it. */
  neededBy: ReadonlyMap<string, string>;
}

/**
 * The plan of what was asked for. `--target` selects actions or single objects, with all that must come
 * before them; `--exclude` takes out, with all that depends on what is then left undone. What is not selected
 * stays in the plan as `noop`, so that its objects are not taken for gone.
 * @param declared what mesh.yaml asks for, which may be named although it is not in the plan.
 * @throws InvalidInputError `target-no-match`
 */
export function selectActions(
  plan: Plan,
  request: PlanRequest,
  declared: readonly DesiredAction[] = [],
): Plan {
  const { targets = [], excludes = [] } = request;
  if (targets.length + excludes.length === 0) return plan;
  refuseUnmatched(plan, request, declared);
  const choice = choose(plan.actions, targets, excludes);
  const actions = plan.actions.map((action) => narrow(action, choice));
  const included = actions.flatMap(({ id, change }) => {
    const neededBy = choice.neededBy.get(id);
    return change === 'noop' || neededBy === undefined ? [] : [{ id, neededBy }];
  });
  const selected = { ...plan, actions, selection: { targets, excludes, included } };
  const isWanted = wantedIn(selected);
  return {
    ...selected,
    drift: plan.drift.filter(({ address }) => isWanted(address)),
    diagnostics: plan.diagnostics.filter(({ address }) => address === undefined || isWanted(address)),
    summary: summarise(actions),
  };
}

function choose(
  actions: readonly PlannedAction[],
  targets: readonly string[],
  excludes: readonly string[],
): Choice {
  const [isTarget, isExcluded] = [anyOf(targets), anyOf(excludes)];
  const out = takenOut(actions, isExcluded);
  const stays = (id: string) => !out.has(id);
  if (targets.length === 0) {
    return {
      action: stays,
      object: (id, address) => stays(id) && !isExcluded(address),
      neededBy: new Map(),
    };
  }
  const afterOf = new Map(actions.map(({ id, after }) => [id, after]));
  const named = actions.filter(
    ({ id, objects }) => stays(id) && (isTarget(id) || objects.some(({ address }) => isTarget(address))),
  );
  const needed = reach(
    named.map(({ id }) => id),
    (id) => afterOf.get(id) ?? [],
  );
  const isWhole = (id: string) => stays(id) && (isTarget(id) || needed.has(id));
  return {
    action: isWhole,
    object: (id, address) => stays(id) && !isExcluded(address) && (isWhole(id) || isTarget(address)),
    neededBy: new Map([...needed].filter(([id]) => !isTarget(id))),
  };
}

/** What an exclusion takes out: actions that it names, and all that depend on what it leaves undone. */
function takenOut(
  actions: readonly PlannedAction[],
  isExcluded: (name: string) => boolean,
): ReadonlySet<string> {
  const named = actions.filter(({ id }) => isExcluded(id));
  const undone = actions.filter(
    ({ id, change, objects }) =>
      change !== 'noop' &&
      (isExcluded(id) || objects.some((item) => item.change !== 'noop' && isExcluded(item.address))),
  );
  const stuck = dependentsOf(
    actions,
    undone.map(({ id }) => id),
  );
  return new Set([...named.map(({ id }) => id), ...stuck]);
}

/** An action with what is not selected of it left out. */
function narrow(action: PlannedAction, choice: Choice): PlannedAction {
  const isKept = ({ address }: PlannedObject) => choice.object(action.id, address);
  const isWhole = choice.action(action.id) || (action.objects.length > 0 && action.objects.every(isKept));
  const losses = action.objects.filter((item) => item.change !== 'noop' && !isKept(item));
  if (action.change === 'noop' || (isWhole && losses.length === 0)) return action;
  const objects = action.objects.map((item) => (losses.includes(item) ? leftOut(item) : item));
  const kept = objects.filter(isKept);
  if (!kept.some((item) => item.change !== 'noop'))
    return { ...action, change: 'noop', reason: 'not-selected', impact: 'none', objects };
  const isStuck = action.reason === 'dependency-blocked';
  const { change, reason } = isStuck ? action : changeOf({}, kept);
  return { ...action, change, reason, impact: worstOf(kept.map((item) => item.impact)), objects };
}

/** Nothing is done to it: so nothing is told of what would be, and no restart is looked after. */
const leftOut = ({
  before: _,
  impact: __,
  restart: ___,
  notes: ____,
  ...object
}: PlannedObject): PlannedObject => ({
  ...object,
  change: 'noop',
  reason: 'not-selected',
  patch: [],
  unknown: [],
});

/** Whether what was found out about an object is of interest; some of it is about objects of no action. */
export function wantedIn({ actions, selection }: Plan): (address: string) => boolean {
  if (!selection) return () => true;
  const { targets, excludes } = selection;
  const choice = choose(actions, targets, excludes);
  const [isTarget, isExcluded] = [anyOf(targets), anyOf(excludes)];
  const holders = new Map(
    actions.flatMap((action) => action.objects.map(({ address }) => [address, action] as const)),
  );
  return (address) => {
    const holder = holders.get(address);
    if (holder) return !isLeftOut(holder) && choice.object(holder.id, address);
    return (targets.length === 0 || isTarget(address)) && !isExcluded(address);
  };
}

export const isLeftOut = ({ reason }: Pick<PlannedObject, 'reason'>): boolean => reason === 'not-selected';

/** Actions with changes of which all, or a part, is not selected. */
export function countLeftOut({ actions }: Plan): { whole: number; part: number } {
  const touched = actions.filter((action) => isLeftOut(action) || action.objects.some(isLeftOut));
  const whole = touched.filter(isLeftOut).length;
  return { whole, part: touched.length - whole };
}

/** Addresses of what differs and is not selected: a look at their action again must leave them as they are. */
export const leftOutAddresses = ({ actions }: Plan): Set<string> =>
  new Set(actions.flatMap((action) => action.objects.filter(isLeftOut).map(({ address }) => address)));
