import type { DesiredObject, Wait } from '../model/action.js';
import { addressOf, refOf } from '../model/kube.js';
import type { PlannedObject } from '../model/plan.js';

/** Objects that are written together, once a condition holds. */
export interface Batch {
  gate?: Wait;
  planned: PlannedObject[];
}

/** The objects of an action by what they wait for: first those that wait for nothing. What is new never waits. */
export function batchesOf(desired: readonly DesiredObject[], planned: readonly PlannedObject[]): Batch[] {
  const gates = new Map(
    desired.map(({ cluster, object, gate }) => [addressOf(refOf(cluster, object)), gate]),
  );
  const gateOf = ({ change, address }: PlannedObject) =>
    change === 'update' ? gates.get(address) : undefined;
  const distinct = [...new Set(planned.map(gateOf))].filter((gate) => gate !== undefined);
  return [
    { planned: planned.filter((item) => gateOf(item) === undefined) },
    ...distinct.map((gate) => ({ gate, planned: planned.filter((item) => gateOf(item) === gate) })),
  ];
}
