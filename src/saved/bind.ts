import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { actionId } from '../model/names.js';
import { isUnread, type Plan, type PlannedAction, type PlannedObject } from '../model/plan.js';
import type { Observations } from '../observe/observe.js';
import { propagateBlocks } from '../plan/blocks.js';
import { worstOf } from '../plan/impact.js';
import { changeOf, summarise } from '../plan/plan.js';
import { liveOf } from './basis.js';
import { type Staleness, stalenessOf } from './freshness.js';
import { isPlanned, type SavedAction, type SavedPlan } from './saved-plan.js';

/** A plan made anew, cut down to what a saved plan says. */
export interface BoundPlan {
  plan: Plan;
  stale: Staleness[];
  /** Addresses that this run leaves as they are, whatever it finds there. */
  held: Set<string>;
}

export interface Reading {
  plan: Plan;
  actions: DesiredAction[];
  observations: Observations;
}

/**
 * What of a saved plan is to be done now. The fresh plan says how; the saved one says what may be done.
 * Clusters with a stale object are blocked, and what depends on their actions is too.
 */
export function bindPlan(saved: SavedPlan, { plan, actions: desired, observations }: Reading): BoundPlan {
  const stale = staleObjects(saved, plan, observations);
  const known = new Map(saved.plan.actions.map((action) => [action.id, action]));
  const effects = new Map(desired.map((action) => [action.id, action]));
  const stuck = new Set(stale.map((item) => item.cluster));
  const held = new Set<string>();
  const cut = plan.actions.map((action) => {
    const permitted = permit(action, known.get(action.id), plan.mode === 'apply' ? effects : new Map());
    permitted.objects.forEach((object, index) => {
      if (object !== action.objects[index]) held.add(object.address);
    });
    return touches(permitted, stuck) ? block(permitted) : permitted;
  });
  for (const action of saved.plan.actions)
    for (const { address, change } of action.objects) if (change === 'noop') held.add(address);
  const actions = propagateBlocks(cut);
  return {
    plan: {
      ...plan,
      complete: plan.complete && saved.plan.complete && stale.length === 0,
      actions,
      diagnostics: [...plan.diagnostics, ...unreadFindings(saved), ...heldFindings(actions)],
      summary: summarise(actions),
    },
    stale,
    held,
  };
}

function staleObjects(saved: SavedPlan, plan: Plan, observations: Observations): Staleness[] {
  const fresh = new Map(plan.actions.flatMap((action) => action.objects.map((item) => [item.address, item])));
  const bound = saved.plan.actions.filter((action) => isPlanned(action) && !isSweep(action));
  return bound.flatMap((action) =>
    action.objects
      .filter((object) => object.change !== 'noop')
      .flatMap((object) => {
        const { address } = object;
        const basis = saved.basis[address];
        const live = liveOf(address, observations);
        return stalenessOf({ saved: object, basis, fresh: fresh.get(address), live }) ?? [];
      }),
  );
}

/** The fresh action with all that the saved one does not change held as it is. */
function permit(
  action: PlannedAction,
  saved: SavedAction | undefined,
  desired: ReadonlyMap<string, DesiredAction>,
): PlannedAction {
  if (!saved || !isPlanned(saved)) {
    const objects = action.objects.map(hold);
    if (action.change === 'noop') return { ...action, objects };
    return { ...action, change: 'noop', reason: 'not-planned', impact: 'none', objects };
  }
  const states = new Map(saved.objects.map((object) => [object.address, object.change]));
  const isOpen = opensOthers(saved);
  const objects = action.objects.map((object) => {
    const change = states.get(object.address) ?? (isOpen ? 'create' : 'noop');
    return change === 'noop' ? hold(object) : object;
  });
  if (objects.every((object, index) => object === action.objects[index])) return action;
  const declared = desired.get(action.id);
  return {
    ...action,
    objects,
    ...changeOf(declared ?? {}, objects),
    impact: worstOf(objects.map((object) => object.impact)),
  };
}

/**
 * Whether the saved action may come to objects that it does not list: the shape of Istio's objects depends
 * on an address that was not known, and istiod writes until it ends.
 */
const opensOthers = (action: SavedAction): boolean =>
  isSweep(action) || action.objects.some((object) => object.unknown.length > 0);

/** istiod's own ConfigMaps come and go until it ends. */
const isSweep = ({ id, cluster }: SavedAction): boolean => id === actionId.leftovers(cluster);

/** What cannot be read now is left alone as well, but nobody knows whether it differs. */
function hold(object: PlannedObject): PlannedObject {
  if (object.change === 'noop') return object;
  const reason = isUnread(object.reason) ? object.reason : 'not-planned';
  const { impact: _, ...rest } = object;
  return { ...rest, change: 'noop', reason, patch: [] };
}

/** Whether an action would do something in one of these clusters. */
const touches = (action: PlannedAction, clusters: ReadonlySet<string>): boolean =>
  action.change !== 'noop' &&
  (clusters.has(action.cluster) || action.objects.some((object) => clusters.has(object.cluster)));

const block = (action: PlannedAction): PlannedAction => ({
  ...action,
  change: 'blocked',
  reason: 'stale-object',
});

/** Where nothing is done, for nothing was known when the plan was made. */
const unreadFindings = ({ plan }: SavedPlan): Diagnostic[] =>
  plan.clusters
    .filter((cluster) => !cluster.reachable)
    .map(({ name }) => ({
      severity: 'warning',
      code: 'not-planned',
      message: `${name} could not be read when the plan was made, so nothing is done that depends on it`,
      hint: 'Plan again once it can be read.',
    }));

const SHOWN = 5;

/** What differs as well, so that nobody takes the clusters for in order. */
function heldFindings(actions: PlannedAction[]): Diagnostic[] {
  const held = actions.flatMap((action) =>
    action.objects.filter((object) => object.reason === 'not-planned').map((object) => object.address),
  );
  if (held.length === 0) return [];
  const more = held.length > SHOWN ? ` and ${held.length - SHOWN} more` : '';
  return [
    {
      severity: 'warning',
      code: 'not-planned',
      message: `the saved plan leaves as it is what differs as well: ${held.slice(0, SHOWN).join(', ')}${more}`,
      hint: 'Plan again to have it changed.',
    },
  ];
}
