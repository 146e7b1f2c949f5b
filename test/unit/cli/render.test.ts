import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ApplyReport } from '../../../src/apply/apply.js';
import type { Changes } from '../../../src/apply/tally.js';
import { plainLine } from '../../../src/cli/progress/report.js';
import { renderDiagnostics } from '../../../src/cli/render/diagnostics.js';
import { renderOutcome, summaryOf } from '../../../src/cli/render/outcome.js';
import { renderVerify } from '../../../src/cli/render/verify-text.js';
import { MeshplanError } from '../../../src/errors/index.js';
import type { Diagnostic } from '../../../src/model/diagnostic.js';
import type { ActionOutcome, ApplyEvent } from '../../../src/model/events.js';
import { Unknown } from '../../../src/model/unknown.js';
import type { VerifyReport } from '../../../src/model/verify.js';
import { planToJson } from '../../../src/plan/plan-json.js';
import { action, object, plain, planWith } from './support.js';

type Fields = Record<string, unknown>;

const test = suite('what is printed');

const unknown = new Unknown('one/address', 'load balancer of one');
const full = planWith(
  [
    action('one/a', {
      after: ['one/b'],
      change: 'update',
      notes: ['a note'],
      objects: [
        object('a', {
          change: 'update',
          patch: [{ op: 'add', path: '/data/x', value: unknown }],
          before: { '/data/x': 'CANARY' },
          unknown: [{ pointer: '/data/x', value: unknown }],
          uid: 'u',
          force: true,
        }),
      ],
    }),
  ],
  {
    drift: [
      {
        address: 'one/a',
        lens: 'declared',
        rule: 'changed',
        patch: [],
        by: 'kubectl',
        at: '2026-01-01T00:00:00Z',
      },
    ],
    diagnostics: [
      { severity: 'warning', code: 'x', message: 'y', hint: 'z', file: 'mesh.yaml', line: 1, column: 2 },
    ],
  },
);
/** As a program reads it. */
const read = JSON.parse(JSON.stringify(planToJson(full))) as Fields & {
  actions: (Fields & { objects: Fields[] })[];
};

/** Section 4 of the contract; `purpose`, `mode`, `overlays` and an object's `reason` go beyond it. */
const keys: [of: string, value: unknown, named: string[], more: string[]][] = [
  [
    'a plan',
    read,
    ['formatVersion', 'mesh', 'complete', 'clusters', 'actions', 'drift', 'diagnostics', 'summary'],
    ['mode', 'overlays', 'impact'],
  ],
  ['a cluster', (read.clusters as unknown[])[0], ['name', 'uid', 'server', 'version', 'reachable'], []],
  [
    'an action',
    read.actions[0],
    ['id', 'kind', 'cluster', 'after', 'change', 'reason', 'impact', 'objects'],
    ['purpose'],
  ],
  [
    'an object',
    read.actions[0]?.objects[0],
    [
      'address',
      'cluster',
      'apiVersion',
      'kind',
      'namespace',
      'name',
      'change',
      'patch',
      'sensitive',
      'unknown',
    ],
    ['reason'],
  ],
  ['drift', (read.drift as unknown[])[0], ['address', 'patch', 'by', 'at'], ['lens', 'rule']],
  [
    'a diagnostic',
    (read.diagnostics as unknown[])[0],
    ['severity', 'code', 'message', 'hint', 'file', 'line', 'column'],
    [],
  ],
  ['the summary', read.summary, ['create', 'update', 'replace', 'delete', 'noop', 'unknown', 'blocked'], []],
];
for (const [of, value, named, more] of keys) {
  test(`the keys of ${of} are the contract's${more.length > 0 ? ` and ${more.join(', ')}` : ''}`, () => {
    assert.equal(Object.keys(value as object).sort(), [...named, ...more].sort());
  });
}

test('format version, unknowns as pointers, and an unknown value in its words', () => {
  assert.is(read.formatVersion, '1');
  const [first] = read.actions[0]?.objects ?? [];
  assert.equal(first?.unknown, ['/data/x']);
  assert.equal(first?.patch, [
    { op: 'add', path: '/data/x', value: '(known after apply: load balancer of one)' },
  ]);
});

test('live values are for people, not in the JSON', () => assert.not.match(JSON.stringify(read), 'CANARY'));

test('a cluster-scoped object has no namespace', () => {
  const { namespace: _, ...scoped } = object('a');
  const [first] = (planToJson(planWith([action('one/a', { objects: [scoped] })])) as typeof read).actions;
  assert.not.ok('namespace' in (first?.objects[0] ?? { namespace: 1 }));
});

const findings: [finding: Diagnostic, text: string][] = [
  [
    {
      severity: 'error',
      code: 'unknown-key',
      message: 'no such key',
      hint: 'did you mean x?',
      file: 'mesh.yaml',
      line: 12,
      column: 5,
    },
    'mesh.yaml:12:5 error unknown-key no such key\n  hint: did you mean x?',
  ],
  [
    { severity: 'warning', code: 'open', message: 'open to all', file: 'mesh.yaml' },
    'mesh.yaml warning open open to all',
  ],
  [{ severity: 'error', code: 'x', message: 'y' }, 'error x y'],
];
for (const [finding, text] of findings) {
  test(`finding: ${JSON.stringify(text)}`, () => assert.is(renderDiagnostics([finding], plain), text));
}

const event = (fields: Partial<ApplyEvent>): ApplyEvent => ({
  time: '',
  type: 'action.done',
  action: 'one/a',
  ...fields,
});
const lines: [event: ApplyEvent, line: string | undefined][] = [
  [event({ type: 'action.started', message: 'istiod' }), 'one/a: begins, istiod'],
  [event({ type: 'action.progress', message: 'waits for x' }), 'one/a: waits for x'],
  [
    event({ type: 'action.done', message: '15 objects applied', durationMs: 440 }),
    'one/a: done in 0.4 s, 15 objects applied',
  ],
  [
    event({ type: 'action.failed', message: 'refused', durationMs: 1_000 }),
    'one/a: FAILED in 1.0 s: refused',
  ],
  [event({ type: 'action.skipped', message: 'one/b is not done' }), 'one/a: skipped, one/b is not done'],
  [event({ type: 'summary', message: 'x' }), undefined],
];
for (const [given, line] of lines) {
  test(`progress: ${line ?? 'nothing for the summary'}`, () => assert.is(plainLine(given), line));
}

const report = (
  outcomes: Record<string, ActionOutcome>,
  changes: Partial<Changes>,
  failures: ApplyReport['failures'] = [],
): ApplyReport => ({
  outcomes: new Map(Object.entries(outcomes)),
  failures,
  interrupted: false,
  changed: 0,
  changes: { created: 0, updated: 0, replaced: 0, deleted: 0, ...changes },
  skippedFor: new Map(outcomes.c === 'skipped' ? [['c', 'b']] : []),
  facts: { clusters: {}, addresses: {}, cacerts: {}, readerTokens: {} },
});
const interrupted = new MeshplanError('interrupted', 'interrupted while waiting for x');

const ends: [
  title: string,
  report: ApplyReport,
  command: 'apply' | 'destroy',
  lines: string[],
  summary: string,
][] = [
  [
    'an apply',
    report({ a: 'done', b: 'unchanged' }, { created: 75, updated: 1 }),
    'apply',
    ['Applied: mesh mesh1, 75 created, 1 updated, 0 deleted.'],
    '75 created, 1 updated, 0 deleted, 1 action done',
  ],
  [
    'a removal',
    report({ a: 'done', b: 'done' }, { deleted: 7 }),
    'destroy',
    ['Removed: mesh mesh1, 0 created, 0 updated, 7 deleted.'],
    '0 created, 0 updated, 7 deleted, 2 actions done',
  ],
  [
    'what failed, was interrupted or not begun is named, with what was skipped for it',
    report({ a: 'done', b: 'failed', c: 'skipped', d: 'left', e: 'failed' }, { replaced: 2 }, [
      { action: 'b', error: new Error('refused') },
      { action: 'e', error: interrupted },
    ]),
    'apply',
    [
      'Not finished: mesh mesh1, 0 created, 0 updated, 0 deleted, 2 replaced.',
      '  failed: b',
      '  skipped for b: c',
      '  interrupted: e',
      '  not begun: d, c',
    ],
    '0 created, 0 updated, 0 deleted, 2 replaced, 1 action done, 1 failed, 1 interrupted, 1 skipped, 1 not begun',
  ],
];
for (const [title, given, command, lines, summary] of ends) {
  test(`the end of a run: ${title}`, () => {
    assert.equal(renderOutcome(planWith([]), given, command, plain).split('\n'), lines);
    assert.is(summaryOf(given), summary);
  });
}

test('what was not done for a cluster that cannot be read has that reason beside it', () => {
  const clusters = [
    { name: 'two', uid: '', server: '', version: '', reachable: false, error: 'connection refused' },
  ];
  const text = renderOutcome(planWith([], { clusters }), report({ a: 'skipped' }, {}), 'apply', plain);
  assert.match(
    text,
    '\n  not begun: a\n  not read: two (connection refused)\nRun meshplan apply again to go on from here.',
  );
});

const checks: VerifyReport = {
  ok: false,
  proxies: [],
  checks: [
    { id: 'a', cluster: 'one', status: 'pass', claim: 'works', evidence: 'seen', hint: 'unused' },
    { id: 'b', status: 'fail', claim: 'broken', evidence: 'seen too', hint: 'mend it' },
    { id: 'c', status: 'skip', claim: 'not asked', evidence: 'why' },
    { id: 'd', status: 'warn', claim: 'so so', evidence: 'what' },
  ],
};
const VERDICT = 'The mesh does not work. Checks: 1 passed, 1 failed, 1 with a warning, 1 skipped.';

test('checks: one a line with evidence, hints only where one is needed, and the verdict', () => {
  assert.equal(renderVerify(checks, plain).split('\n'), [
    '✓ one: works',
    '    seen',
    '✗ broken',
    '    seen too',
    '    hint: mend it',
    '- not asked',
    '    why',
    '! so so',
    '    what',
    '',
    VERDICT,
  ]);
});

test('--quiet leaves checks to look at, and the verdict', () => {
  const lines = ['✗ broken', '    seen too', '    hint: mend it', '! so so', '    what', '', VERDICT];
  assert.equal(renderVerify(checks, plain, { quiet: true }).split('\n'), lines);
  assert.is(
    renderVerify({ ok: true, checks: [], proxies: [] }, plain, { quiet: true }),
    'The mesh works. Checks: 0 passed, 0 failed.',
  );
});

test.run();
