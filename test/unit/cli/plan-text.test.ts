import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderPlan } from '../../../src/cli/render/plan-text.js';
import type { Plan } from '../../../src/model/plan.js';
import { Unknown } from '../../../src/model/unknown.js';
import { action, colourful, crd, object, plain, planWith } from './support.js';

const render = (plan: Plan, verbose = false) => renderPlan(plan, { colors: plain, verbose }).split('\n');
const unread = { name: 'two', uid: '', server: '', version: '', reachable: false, error: 'refused' };

const test = suite('plans as text');

test('new objects: signs, addresses, summary', () => {
  assert.equal(render(planWith([action('one/workload/web', { objects: [object('a'), object('b')] })])), [
    '+ one/workload/web  purpose of one/workload/web',
    '    + one/v1/ConfigMap/shop/a',
    '    + one/v1/ConfigMap/shop/b',
    '',
    'Plan: 2 to create, 0 to update, 0 to delete.',
  ]);
});

test('an update: why, impact, notes, each operation with what stands there now', () => {
  const updated = object('a', {
    change: 'update',
    reason: 'changed-outside',
    patch: [
      { op: 'replace', path: '/data/a', value: 2 },
      { op: 'remove', path: '/data/gone' },
      { op: 'add', path: '/data/new', value: { x: 'y' } },
    ],
    before: { '/data/a': 1, '/data/gone': 'old' },
  });
  const lines = render(
    planWith([
      action('one/a', {
        change: 'update',
        reason: 'changed-outside',
        impact: 'new-pods',
        notes: ['first', 'second'],
        objects: [updated, object('same', { change: 'noop', reason: 'in-sync' })],
      }),
    ]),
  );
  assert.equal(lines, [
    '~ one/a  purpose of one/a (was changed outside meshplan) [impact: new-pods]',
    '    note: first',
    '    note: second',
    '    ~ one/v1/ConfigMap/shop/a  # was changed outside meshplan',
    '        ~ /data/a = 1 -> 2',
    '        - /data/gone = "old"',
    '        + /data/new = {"x":"y"}',
    '',
    'Impact on traffic: new-pods at worst, by one/a.',
    'Plan: 0 to create, 1 to update, 0 to delete.',
  ]);
});

test('without what stands there now, an operation shows what will be', () => {
  const masked = object('a', {
    change: 'update',
    reason: 'declaration-changed',
    sensitive: true,
    patch: [
      { op: 'replace', path: '/data/key', value: '(sensitive value)' },
      { op: 'remove', path: '/data/old' },
    ],
    before: {},
  });
  const lines = render(
    planWith([action('one/a', { change: 'update', reason: 'declaration-changed', objects: [masked] })]),
  );
  assert.equal(lines.slice(2, 4), ['        ~ /data/key = "(sensitive value)"', '        - /data/old']);
});

test('what does not change is left out', () => {
  const same = action('one/same', {
    change: 'noop',
    reason: 'in-sync',
    objects: [object('a', { change: 'noop' })],
  });
  assert.equal(render(planWith([same])), ['No changes. The clusters match mesh1.']);
});

const crds = ['a', 'b', 'c', 'd'].map((name) => crd(name));
const folds: [
  title: string,
  objects: Parameters<typeof planWith>[0][number]['objects'],
  verbose: boolean,
  lines: string[],
][] = [
  [
    'four new CRDs are one line, before the rest',
    [object('x'), ...crds],
    false,
    ['    + 4 CustomResourceDefinitions', '    + one/v1/ConfigMap/shop/x'],
  ],
  ['three are not', crds.slice(1), false, ['b', 'c', 'd'].map((name) => `    + ${crd(name).address}`)],
  [
    'nor are four with --verbose',
    crds,
    true,
    ['a', 'b', 'c', 'd'].map((name) => `    + ${crd(name).address}`),
  ],
  [
    'a changed CRD stays on its own line',
    [...crds, crd('e', { change: 'update', reason: 'declaration-changed' })],
    false,
    ['    + 4 CustomResourceDefinitions', `    ~ ${crd('e').address}  # the declaration changed`],
  ],
];
for (const [title, objects, verbose, lines] of folds) {
  test(`CRDs: ${title}`, () => {
    assert.equal(render(planWith([action('one/crds', { objects })]), verbose).slice(1, -2), lines);
  });
}

test('--verbose shows a new object whole', () => {
  const created = object('a', { patch: [{ op: 'add', path: '', value: { kind: 'ConfigMap' } }] });
  assert.is(
    render(planWith([action('one/a', { objects: [created] })]), true)[2],
    '        + ConfigMap = {"kind":"ConfigMap"}',
  );
});

test('a long value is cut, with its length', () => {
  const long = object('a', { patch: [{ op: 'add', path: '', value: 'x'.repeat(1_000) }] });
  const [, , line = ''] = render(planWith([action('one/a', { objects: [long] })]), true);
  assert.match(line, /x… \(1002 characters\)$/);
  assert.ok(line.length < 400);
});

test('of long values only the part that differs is shown, as far as it is short', () => {
  const text = (middle: string) => ['a'.repeat(500), middle, 'z'.repeat(500)].join(' ');
  const lines = (first: string, last: string) => `  ${first}\n${'same\n'.repeat(200)}  ${last}\n`;
  const [before, value] = [text('autoscaleMin: 3'), text('autoscaleMin: 12')];
  const updated = object('a', {
    change: 'update',
    reason: 'declaration-changed',
    patch: [
      { op: 'replace', path: '/data/near', value },
      { op: 'replace', path: '/data/far', value: 'b'.repeat(1_000) },
      { op: 'replace', path: '/data/lines', value: lines('min: 2', 'max: 4') },
    ],
    before: {
      '/data/near': before,
      '/data/far': 'a'.repeat(1_000),
      '/data/lines': lines('min: 3', 'max: 5'),
    },
  });
  const [, , near, far = '', apart] = render(
    planWith([action('one/a', { change: 'update', objects: [updated] })]),
  );
  const [left, right] = [`…${'a'.repeat(15)} autoscaleMin: `, ` ${'z'.repeat(29)}…`];
  assert.is(near, `        ~ /data/near = ${left}3${right} -> ${left}12${right}`);
  assert.is(apart, '        ~ /data/lines = …min: 3… …max: 5… -> …min: 2… …max: 4…');
  assert.match(far, /a… \(1002 characters\) -> "bbb/);
});

test('an unknown is shown at its place with what it waits for', () => {
  const awaited = object('a', {
    change: 'unknown',
    reason: 'awaits-value',
    unknown: [{ pointer: '/data/values', value: new Unknown('one/address', 'load balancer of one') }],
  });
  const lines = render(
    planWith([action('one/a', { change: 'unknown', reason: 'awaits-value', objects: [awaited] })]),
  );
  assert.equal(lines, [
    '? one/a  purpose of one/a (decided during apply, when the value is known)',
    '    ? one/v1/ConfigMap/shop/a  # decided during apply, when the value is known',
    '        /data/values = (known after apply: load balancer of one)',
    '',
    'Plan: 0 to create, 0 to update, 0 to delete, 1 decided during apply.',
  ]);
});

const CHANGED = { lens: 'declared', rule: 'changed' } as const;

test('drift: who, when, where; and what was deleted', () => {
  const lines = render(
    planWith([], {
      drift: [
        {
          address: 'one/a',
          ...CHANGED,
          patch: [
            { op: 'remove', path: '/spec/x' },
            { op: 'remove', path: '/spec/y' },
          ],
          by: 'kubectl',
          at: '2026-01-01T00:00:00Z',
        },
        { address: 'one/b', ...CHANGED, patch: [{ op: 'remove', path: '/spec/x' }], by: 'helm' },
        { address: 'one/c', lens: 'declared', rule: 'deleted', patch: [] },
        { address: 'one/d', lens: 'declared', rule: 'replaced', patch: [], by: 'kubectl-create' },
      ],
    }),
  );
  assert.equal(lines.slice(0, 6), [
    'Changed outside meshplan:',
    '    one/a changed by kubectl at 2026-01-01T00:00:00Z: /spec/x, /spec/y',
    '    one/b changed by helm: /spec/x',
    '    one/c deleted',
    '    one/d made anew by kubectl-create',
    '',
  ]);
});

const signs: [
  change: 'create' | 'update' | 'replace' | 'delete' | 'unknown' | 'blocked',
  head: string,
  summary: string,
][] = [
  ['create', '+ one/a', 'Plan: 1 to create, 0 to update, 0 to delete.'],
  ['update', '~ one/a', 'Plan: 0 to create, 1 to update, 0 to delete.'],
  ['replace', '-/+ one/a', 'Plan: 0 to create, 0 to update, 0 to delete, 1 to replace.'],
  ['delete', '- one/a', 'Plan: 0 to create, 0 to update, 1 to delete.'],
  ['unknown', '? one/a', 'Plan: 0 to create, 0 to update, 0 to delete, 1 decided during apply.'],
  ['blocked', '! one/a', 'Plan: 0 to create, 0 to update, 0 to delete, 1 blocked.'],
];
for (const [change, head, summary] of signs) {
  test(`${change} is "${head.split(' ')[0]}", and counted`, () => {
    const lines = render(planWith([action('one/a', { change })]));
    assert.ok(lines[0]?.startsWith(`${head}  `), lines[0]);
    assert.is(lines.at(-1), summary);
  });
}

test('an object that stays for what it holds is shown beside those that go', () => {
  const objects = [
    object('a', { change: 'noop', reason: 'holds-foreign-objects' }),
    object('b', { change: 'delete', reason: 'destroy' }),
  ];
  const lines = render(
    planWith([action('one/a', { change: 'delete', reason: 'destroy', objects })], { mode: 'destroy' }),
  );
  assert.equal(lines.slice(1, 3), [
    '      one/v1/ConfigMap/shop/a  # stays: it holds objects of others',
    '    - one/v1/ConfigMap/shop/b',
  ]);
});

const ends: [title: string, plan: Partial<Plan>, last: string][] = [
  ['nothing to apply', {}, 'No changes. The clusters match mesh1.'],
  ['nothing to remove', { mode: 'destroy' }, 'Nothing to remove: no object of this mesh is in its clusters.'],
  ['a kind not read', { complete: false }, 'No changes in what could be read.'],
  [
    'one cluster not read',
    { complete: false, clusters: [unread] },
    'No changes in what could be read. UNKNOWN: two.',
  ],
];
for (const [title, fields, last] of ends) {
  test(`${title}: "${last}"`, () => assert.equal(render(planWith([], fields)), [last]));
}

test('what could not be compared is one line a cluster, whole with --verbose', () => {
  const blind = { change: 'unknown', reason: 'cluster-unreachable' } as const;
  const plan = planWith(
    [
      action('two/a', { ...blind, cluster: 'two', objects: [object('a', blind), object('b', blind)] }),
      action('two/b', { ...blind, cluster: 'two' }),
    ],
    { complete: false, clusters: [unread] },
  );
  assert.equal(render(plan), [
    '? two  UNKNOWN, for it cannot be read: 2 objects of 2 actions not compared',
    '',
    'No changes in what could be read. UNKNOWN: two.',
  ]);
  assert.ok(render(plan, true).includes('? two/b  purpose of two/b (the cluster cannot be read)'));
  const mixed = render({
    ...plan,
    actions: [action('one/a'), ...plan.actions],
    summary: { ...plan.summary, create: 1 },
  });
  assert.is(mixed.at(-1), 'Plan: 1 to create, 0 to update, 0 to delete, 3 not compared. UNKNOWN: two.');
});

test('changes, and a cluster that was not read', () => {
  const lines = render(planWith([action('one/a')], { clusters: [unread] }));
  assert.is(lines.at(-1), 'Plan: 1 to create, 0 to update, 0 to delete. UNKNOWN: two.');
});

test('overlays in force come first', () => {
  assert.is(render(planWith([], { overlays: ['a.yaml', 'b.yaml'] }))[0], 'Overlays in force: a.yaml, b.yaml');
});

test('colour adds nothing but colour', () => {
  const plan = planWith([action('one/a', { change: 'update', impact: 'new-pods', objects: [object('a')] })]);
  const coloured = renderPlan(plan, { colors: colourful, verbose: false });
  const code = String.fromCharCode(27);
  assert.match(coloured, code);
  assert.is(coloured.replaceAll(new RegExp(`${code}\\[\\d+m`, 'g'), ''), render(plan).join('\n'));
});

test.run();
