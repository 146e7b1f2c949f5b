import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ApplyReport } from '../../../src/apply/apply.js';
import { renderStanding, standingToJson } from '../../../src/cli/render/standing.js';
import type { ActionOutcome } from '../../../src/model/events.js';
import type { Standing } from '../../../src/model/standing.js';
import { action, plain, planWith } from './support.js';

const test = suite('how the mesh stands');

const report = (outcomes: Record<string, ActionOutcome>): ApplyReport => ({
  outcomes: new Map(Object.entries(outcomes)),
  failures: [],
  interrupted: false,
  changed: 0,
  changes: { created: 0, updated: 0, replaced: 0, deleted: 0 },
  skippedFor: new Map(),
  facts: { clusters: {}, addresses: {}, cacerts: {}, readerTokens: {} },
});
const plan = planWith([
  action('a'),
  action('b', { after: ['a'] }),
  action('c', { after: ['b'] }),
  action('d', { after: ['a'] }),
]);
const result = report({ a: 'done', b: 'failed', c: 'skipped', d: 'left' });
const standings: Standing[] = [
  {
    cluster: 'one',
    role: 'primary',
    primary: 'one',
    points: [{ claim: 'istiod is available', holds: true }],
  },
  {
    cluster: 'two',
    role: 'remote',
    primary: 'one',
    points: [
      { claim: 'one has the remote secret of two', holds: false, why: 'it does not exist' },
      { claim: 'the webhook is trusted', holds: undefined, why: 'no answer' },
    ],
  },
  {
    cluster: 'three',
    role: 'remote',
    primary: 'one',
    points: [{ claim: 'the webhook is trusted', holds: undefined, why: 'no answer' }],
  },
];

test('what is connected, what is not and why, what cannot be told; the way on and the way back', () => {
  assert.equal(renderStanding(plan, result, standings, 'apply', plain).split('\n'), [
    'How the mesh stands:',
    '  one (primary): istiod serves',
    '  two (remote of one): not connected',
    '    ✗ one has the remote secret of two: it does not exist',
    '    ? the webhook is trusted: no answer',
    '  three (remote of one): cannot be told',
    '    ? the webhook is trusted: no answer',
    'The way on: meshplan apply goes on from here, with b, d first.',
    'The way back: apply the declaration as it was before; meshplan destroy removes the whole mesh.',
  ]);
});

test('a removal goes on or is taken back by an apply', () => {
  const lines = renderStanding(plan, result, [], 'destroy', plain).split('\n');
  assert.equal(lines.slice(1), [
    'The way on: meshplan destroy goes on from here, with b, d first.',
    'The way back: meshplan apply makes the mesh again.',
  ]);
});

test('the same for programs', () => {
  const { clusters, next } = standingToJson(plan, result, standings);
  assert.equal(
    clusters.map(({ name, connected }) => [name, connected]),
    [
      ['one', true],
      ['two', false],
      ['three', null],
    ],
  );
  assert.equal(next, ['b', 'd']);
});

test.run();
