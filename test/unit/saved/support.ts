import type { DesiredAction } from '../../../src/model/action.js';
import { addressOf, type KubeObject, type ManagedFieldsEntry, refOf } from '../../../src/model/kube.js';
import type { Plan } from '../../../src/model/plan.js';
import type { Observation, Observations } from '../../../src/observe/observe.js';
import { buildPlan } from '../../../src/plan/plan.js';
import { planToJson } from '../../../src/plan/plan-json.js';
import { basisOf } from '../../../src/saved/basis.js';
import type { Reading } from '../../../src/saved/bind.js';
import type { SavedPlan } from '../../../src/saved/saved-plan.js';
import { fullFacts } from '../compile/support.js';
import { inSync, live, mesh } from '../plan/support.js';

/** What a scene shows of one object: its declared form, and the live one where there is any. */
export interface Sight {
  declared: KubeObject;
  live?: KubeObject | undefined;
}

/** An object of ours, seen as an API server would show it. */
const observation = ({ declared, live: found }: Sight): Observation =>
  found
    ? {
        type: 'present',
        live: found,
        // As a server-side apply: what others added stays.
        predicted: { ...found, data: { ...(found.data as object), ...(declared.data as object) } },
        ours: true,
      }
    : { type: 'absent' };

/** The live form at a version, written by others as managedFields tell. */
export const at = (object: KubeObject, resourceVersion: string, managedFields: ManagedFieldsEntry[] = []) =>
  live(object, { resourceVersion, managedFields });

/** Who owns which top-level keys of `data`. */
export const writer = (manager: string, keys: string[], time = '2026-01-02T03:04:05Z') => ({
  manager,
  operation: 'Update',
  time,
  fieldsV1: { 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
});

/** What is read of some actions. `seen` is by address, or by action where all its objects are alike. */
export function readingOf(actions: DesiredAction[], seen: Record<string, Observation | Sight>): Reading {
  const observations: Observations = {
    objects: new Map(),
    ours: new Map(),
    left: new Map(),
    unread: [],
    lost: new Map(),
  };
  for (const { id, objects } of actions)
    for (const { cluster, object } of objects) {
      const address = addressOf(refOf(cluster, object));
      const item = seen[address] ?? seen[id] ?? inSync(object);
      observations.objects.set(address, 'type' in item ? item : observation(item));
    }
  const rest = { mesh, facts: fullFacts(mesh), foreign: new Map(), known: new Map(), diagnostics: [] };
  return { plan: buildPlan({ ...rest, actions, observations }), actions, observations };
}

/** The saved form of what was read, as it comes back from a file. */
export const savedOf = ({ plan, observations }: Reading, fields: Partial<SavedPlan> = {}): SavedPlan =>
  JSON.parse(
    JSON.stringify({
      formatVersion: '1',
      digest: '',
      plan: planToJson(plan),
      request: {},
      inputs: { overlays: [] },
      state: { serial: 0 },
      declaration: {},
      basis: basisOf(plan, observations),
      ...fields,
    }),
  ) as SavedPlan;

/** `one/a update` for each action with something to do. */
export const todo = (plan: Plan) =>
  plan.actions.filter(({ change }) => change !== 'noop').map(({ id, change }) => `${id} ${change}`);
