import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RunRecorder, Tally } from '../../../src/apply/tally.js';
import type { PlannedAction } from '../../../src/model/plan.js';
import type { Observation } from '../../../src/observe/observe.js';
import { action, object } from '../cli/support.js';

const test = suite('what a run changed');

const nothing = async () => {};
const recorder: RunRecorder = {
  begin: nothing,
  applied: nothing,
  deleted: nothing,
  released: nothing,
  certified: nothing,
  end: nothing,
  finish: nothing,
};
const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
const present: Observation = { type: 'present', live, predicted: live, ours: true };

/** Runs through events such as `+a` (applied) and `-a` (deleted). */
async function changes(
  events: string[],
  observed: Record<string, Observation>,
  done: PlannedAction[] = [],
): Promise<string> {
  const tally = new Tally(new Map(Object.entries(observed)));
  const watched = tally.watch(recorder);
  for (const event of events) {
    if (event.startsWith('+')) await watched.applied('x', event.slice(1), 'u');
    else await watched.deleted('x', event.slice(1));
  }
  const { created, updated, replaced, deleted } = tally.changes(done);
  return [created, updated, replaced, deleted].join(' ');
}

const cases: [title: string, events: string[], observed: Record<string, Observation>, counts: string][] = [
  ['what was absent is created', ['+a', '+b'], { a: { type: 'absent' }, b: present }, '1 1 0 0'],
  ['what was deleted is deleted', ['-a', '-b'], {}, '0 0 0 2'],
  ['what is deleted and made again is replaced', ['-a', '+a'], { a: present }, '0 0 1 0'],
  [
    'what ends by itself and is made anew is created',
    ['-a', '+a'],
    { a: { type: 'absent', terminating: 'u' } },
    '1 0 0 0',
  ],
  ['the same twice is one', ['+a', '+a'], { a: present }, '0 1 0 0'],
];
for (const [title, events, observed, counts] of cases) {
  test(title, async () => assert.is(await changes(events, observed), counts));
}

test('as in the plan, an action without objects is one, and so is an object that was there before', async () => {
  const shared = object('ns', { change: 'update', shared: true });
  const done = [
    action('mesh/root-ca'),
    action('one/address', { change: 'unknown' }),
    action('one/same', { change: 'noop' }),
    action('one/namespace', { change: 'update', objects: [shared, object('own', { change: 'update' })] }),
  ];
  assert.is(await changes(['+one/v1/ConfigMap/shop/own'], {}, done), '1 2 0 0');
});

test.run();
