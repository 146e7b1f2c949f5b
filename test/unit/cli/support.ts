import pc from 'picocolors';
import type { Plan, PlannedAction, PlannedObject } from '../../../src/model/plan.js';
import { CHANGES, type Summary } from '../../../src/model/plan.js';

/** No colour, whatever the terminal. */
export const plain = pc.createColors(false);
/** Colour, whatever the terminal. */
export const colourful = pc.createColors(true);

export const object = (name: string, fields: Partial<PlannedObject> = {}): PlannedObject => ({
  address: `one/v1/ConfigMap/shop/${name}`,
  cluster: 'one',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'shop',
  name,
  change: 'create',
  reason: 'absent',
  patch: [],
  sensitive: false,
  unknown: [],
  force: false,
  shared: false,
  ...fields,
});

export const crd = (name: string, fields: Partial<PlannedObject> = {}): PlannedObject =>
  object(name, {
    address: `one/apiextensions.k8s.io/v1/CustomResourceDefinition/${name}`,
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    ...fields,
  });

export const action = (id: string, fields: Partial<PlannedAction> = {}): PlannedAction => ({
  id,
  kind: 'workload',
  cluster: 'one',
  after: [],
  change: 'create',
  reason: 'absent',
  purpose: `purpose of ${id}`,
  impact: 'none',
  objects: [],
  ...fields,
});

export function planWith(actions: PlannedAction[], fields: Partial<Plan> = {}): Plan {
  const summary = Object.fromEntries(CHANGES.map((change) => [change, 0])) as Summary;
  for (const { objects, change } of actions) {
    if (objects.length === 0) summary[change] += 1;
    for (const item of objects) summary[item.change] += 1;
  }
  return {
    formatVersion: '1',
    mesh: 'mesh1',
    mode: 'apply',
    complete: true,
    overlays: [],
    clusters: [{ name: 'one', uid: 'u1', server: 'https://one', version: 'v1.37.2', reachable: true }],
    actions,
    drift: [],
    diagnostics: [],
    summary,
    ...fields,
  };
}
