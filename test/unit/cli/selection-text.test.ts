import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderPlan } from '../../../src/cli/render/plan-text.js';
import type { Plan, PlannedAction } from '../../../src/model/plan.js';
import { planToJson } from '../../../src/plan/plan-json.js';
import { action, object, plain, planWith } from './support.js';

const leftOut = (id: string): PlannedAction => action(id, { change: 'noop', reason: 'not-selected' });
const inPart = action('one/part', {
  change: 'update',
  objects: [object('x'), object('y', { change: 'noop', reason: 'not-selected' })],
});

const partial = (actions: PlannedAction[], fields: Partial<NonNullable<Plan['selection']>> = {}): Plan =>
  planWith(actions, { selection: { targets: [], excludes: [], included: [], ...fields } });
const lines = (plan: Plan) => renderPlan(plan, { colors: plain, verbose: false }).split('\n');

const test = suite('a part of a plan as text');

test('what is included says for whom', () => {
  const included = [{ id: 'one/a', neededBy: 'one/b' }];
  const [first] = lines(partial([action('one/a')], { targets: ['one/b'], included }));
  assert.is(first, '+ one/a  purpose of one/a (because one/b needs it)');
});

const cases: [what: string, actions: PlannedAction[], text: string][] = [
  ['nothing is left out', [action('one/a')], 'Nothing that would change is left out.'],
  ['one action', [action('one/a'), leftOut('one/b')], '1 action with changes is not selected.'],
  ['two', [leftOut('one/a'), leftOut('one/b')], '2 actions with changes are not selected.'],
  ['a part of one', [inPart], '1 action with changes is selected in part.'],
  [
    'both',
    [inPart, leftOut('one/b')],
    '1 action with changes is not selected, 1 action with changes is selected in part.',
  ],
];
for (const [what, actions, text] of cases) {
  test(`how much is left out: ${what}`, () => {
    const found = lines(partial(actions, { targets: ['one/a'], excludes: ['**/x'] }));
    assert.is(found.at(-2), `Partial plan: --target one/a, --exclude **/x. ${text}`);
  });
}

test('no changes are no changes of what is selected only', () => {
  assert.is(lines(partial([leftOut('one/a')])).at(-1), 'No changes in what is selected.');
});

test('the worst impact names its first actions', () => {
  const felt = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    action(`one/${name}`, { change: 'update', impact: 'new-pods' }),
  );
  assert.is(
    lines(planWith(felt)).at(-2),
    'Impact on traffic: new-pods at worst, by one/a, one/b, one/c and 2 more.',
  );
});

test('the JSON has what was asked for, and the ids of what was included', () => {
  const included = [{ id: 'one/a', neededBy: 'one/b' }];
  const { selection } = planToJson(partial([], { targets: ['one/b'], included }));
  assert.equal(selection, { targets: ['one/b'], excludes: [], included: ['one/a'] });
  assert.not('selection' in planToJson(planWith([])));
});

test.run();
