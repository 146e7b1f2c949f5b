import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { batchesOf } from '../../../src/apply/gates.js';
import type { DesiredObject, Wait } from '../../../src/model/action.js';
import { addressOf, refOf } from '../../../src/model/kube.js';
import type { Change, PlannedObject } from '../../../src/model/plan.js';
import { configMap } from '../plan/support.js';

const test = suite('apply: what waits inside of an action');

const gate: Wait = { type: 'injector-trusted', cluster: 'one' };
const desired: DesiredObject[] = [
  { cluster: 'one', object: configMap('service'), gate },
  { cluster: 'one', object: configMap('istiod') },
  { cluster: 'one', object: configMap('injector'), gate },
];
const planned = (changes: Change[]) =>
  desired.map(({ cluster, object }, index) => {
    const address = addressOf(refOf(cluster, object));
    return { address, name: object.metadata.name, change: changes[index] } as PlannedObject;
  });
const namesOf = (changes: Change[]) =>
  batchesOf(desired, planned(changes)).map((batch) => [
    batch.gate?.type ?? 'at once',
    ...batch.planned.map(({ name }) => name),
  ]);

test('a live object that changes waits for its gate, all of one gate together', () => {
  assert.equal(namesOf(['update', 'create', 'update']), [
    ['at once', 'istiod'],
    ['injector-trusted', 'service', 'injector'],
  ]);
});

test('what is new or does not change waits for nothing', () => {
  assert.equal(namesOf(['create', 'update', 'noop']), [['at once', 'service', 'istiod', 'injector']]);
});

test.run();
