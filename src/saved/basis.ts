import { normalise } from '../diff/normalise.js';
import type { KubeObject } from '../model/kube.js';
import type { Plan, PlannedObject } from '../model/plan.js';
import type { Observations } from '../observe/observe.js';
import { type Basis, isPlanned } from './saved-plan.js';

/** The live objects that a plan changes, as they were when it was made, by address. */
export function basisOf(plan: Plan, observations: Observations): Record<string, Basis> {
  const touched = plan.actions
    .filter(isPlanned)
    .flatMap((action) => action.objects.filter((object) => object.change !== 'noop'));
  return Object.fromEntries(
    touched.flatMap((object): [string, Basis][] => {
      const { address, uid } = object;
      const live = liveOf(address, observations);
      if (live) return [[address, describe(object, live)]];
      // What istiod leaves behind is known from a listing of names.
      return uid ? [[address, { uid }]] : [];
    }),
  );
}

/** The live object of an address, if it was read. */
export function liveOf(address: string, { objects, ours }: Observations): KubeObject | undefined {
  const observation = objects.get(address);
  return observation && 'live' in observation ? observation.live : ours.get(address)?.object;
}

function describe({ change, before, sensitive }: PlannedObject, live: KubeObject): Basis {
  const { uid = '', resourceVersion = '' } = live.metadata;
  const identity = { uid, resourceVersion };
  if (sensitive) return identity;
  if (change === 'unknown') return { ...identity, fields: { '': normalise(live) } };
  return before && Object.keys(before).length > 0 ? { ...identity, fields: before } : identity;
}
