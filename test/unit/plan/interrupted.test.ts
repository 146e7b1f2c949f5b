import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withFates } from '../../../src/plan/interrupted.js';
import { action, object, planWith } from '../cli/support.js';
import { configMap, owned, ownedMap } from './support.js';

const test = suite('fates of interrupted actions');

const TIME = '2026-11-24T12:03:04.000Z';
const address = (name: string, cluster = 'one') => `${cluster}/v1/ConfigMap/shop/${name}`;
const begun = (objects: string[], phase: 'applying' | 'deleting' = 'applying') => ({
  action: 'one/a',
  time: TIME,
  phase,
  objects,
});

/** The plan's own words on one interrupted action. */
function told(interrupted: ReturnType<typeof begun>, known: [string, string][] = []) {
  const plan = planWith([
    action('one/a', {
      objects: [object('there', { uid: 'u1', change: 'update' }), object('absent')],
    }),
  ]);
  const ours = ownedMap(owned('one', configMap('orphan')));
  const { diagnostics } = withFates(plan, { interrupted: [interrupted], ours, known: new Map(known) });
  const [{ severity, code, message, hint } = { severity: '', code: '', message: '', hint: '' }] = diagnostics;
  assert.is(severity, 'warning');
  assert.is(code, 'action-interrupted');
  const start = `one/a was begun at ${TIME} and did not end: `;
  assert.ok(message.startsWith(start), message);
  return `${message.slice(start.length)} | ${hint}`;
}

const AGAIN = 'meshplan apply goes on from here.';
const cases: [title: string, text: string, expected: string][] = [
  [
    'what is there and what is not',
    told(begun([address('there'), address('absent')])),
    `1 of 2 objects are there | ${AGAIN}`,
  ],
  ['ours, but in no plan', told(begun([address('orphan')])), `1 of 1 object is there | ${AGAIN}`],
  [
    'in a cluster that is not read',
    told(begun([address('there'), address('x', 'two')])),
    `1 of 2 objects are there, 1 cannot be read | ${AGAIN}`,
  ],
  [
    'made anew by somebody else',
    told(begun([address('there')]), [[address('there'), 'earlier']]),
    `0 of 1 object is there, 1 made anew by somebody else | ${AGAIN}`,
  ],
  ['without objects', told(begun([])), `it has no objects of its own | ${AGAIN}`],
  [
    'a removal',
    told(begun([address('there'), address('absent'), address('gone')], 'deleting')),
    '2 of 3 objects are gone | meshplan destroy goes on from here.',
  ],
];
for (const [title, text, expected] of cases) test(title, () => assert.is(text, expected));

test('a plan without interrupted actions stays as it is', () => {
  const plan = planWith([action('one/a')]);
  assert.equal(withFates(plan, { interrupted: [], ours: new Map(), known: new Map() }), plan);
});

test.run();
