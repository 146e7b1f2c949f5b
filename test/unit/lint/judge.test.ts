import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Court, judge } from '../../../src/lint/judge.js';
import type { Diagnostic } from '../../../src/model/diagnostic.js';
import type { LintWaiver } from '../../../src/model/lint.js';

const at = (line: number) => ({ file: 'mesh.yaml', line, column: 1 });

const emptyOf = (subset: string, line: number): Diagnostic => ({
  severity: 'warning',
  code: 'empty-subset',
  subject: `cart.shop.svc.cluster.local/${subset}`,
  message: `${subset} is empty`,
  ...at(line),
});

const found: Diagnostic[] = [
  { severity: 'error', code: 'bad-cidr', message: 'no CIDR', ...at(1) },
  emptyOf('v1', 2),
  emptyOf('v2', 3),
];

/** Without the mistake of the input, beside which a waiver that fits nothing is not told. */
const sound = found.slice(1);

const waiver = (fields: Partial<LintWaiver>): LintWaiver => ({
  rule: 'empty-subset',
  reason: 'next month',
  expires: '2026-06-30',
  source: at(10),
  expiresAt: at(11),
  ...fields,
});

const court = (fields: Partial<Court> & Partial<Court['policy']>): Court => ({
  policy: { severities: fields.severities ?? {}, waivers: fields.waivers ?? [] },
  now: fields.now ?? new Date('2026-06-30T23:59:59Z'),
  isLive: fields.isLive ?? false,
  isStrict: fields.isStrict ?? false,
  ...(fields.withdrawn ? { withdrawn: fields.withdrawn } : {}),
});

const briefOf = (given: Partial<Court> & Partial<Court['policy']>, items = found) =>
  judge(items, court(given)).diagnostics.map(({ severity, code, line }) => `${severity} ${code} ${line}`);

test('without a policy everything is told as it was found', () => {
  assert.equal(judge(found, court({})), { diagnostics: found, waived: [] });
});

test('a rule has the severity that mesh.yaml wants; what is of no rule has its own', () => {
  assert.equal(briefOf({ severities: { 'empty-subset': 'error', 'bad-cidr': 'off' } }), [
    'error bad-cidr 1',
    'error empty-subset 2',
    'error empty-subset 3',
  ]);
  assert.equal(briefOf({ severities: { 'empty-subset': 'off' } }), ['error bad-cidr 1']);
});

test('a waiver holds up to the end of its last day, and says why', () => {
  const { diagnostics, waived } = judge(found, court({ waivers: [waiver({ subject: '*/v2' })] }));
  assert.equal(
    diagnostics.map(({ line }) => line),
    [1, 2],
  );
  const { severity: _, ...finding } = emptyOf('v2', 3);
  assert.equal(waived, [{ ...finding, waiver: { reason: 'next month', expires: '2026-06-30' } }]);
});

test('a waiver without a subject is for the whole rule', () => {
  assert.equal(briefOf({ waivers: [waiver({})] }), ['error bad-cidr 1']);
});

test('after its day the findings are back, and the waiver is named where its day is written', () => {
  assert.equal(briefOf({ waivers: [waiver({ subject: '*/v2' })], now: new Date('2026-07-01T00:00:00Z') }), [
    'error bad-cidr 1',
    'warning empty-subset 2',
    'warning empty-subset 3',
    'warning waiver-expired 11',
  ]);
});

test('a waiver that fits nothing is named with the subjects that there are', () => {
  const given = court({ waivers: [waiver({ subject: 'cart/v2' })] });
  assert.equal(judge(found, given).diagnostics, found);
  const { diagnostics } = judge(sound, given);
  const last = diagnostics.at(-1);
  assert.is(last?.code, 'waiver-unused');
  assert.is(last?.line, 10);
  assert.is(
    last?.hint,
    'the subjects of its findings: `cart.shop.svc.cluster.local/v1`, `cart.shop.svc.cluster.local/v2`',
  );
});

test('a later waiver takes over from one that has ended', () => {
  const waivers = [waiver({ expires: '2026-01-01' }), waiver({ expires: '2026-12-31', source: at(20) })];
  assert.equal(briefOf({ waivers }), ['error bad-cidr 1', 'warning waiver-expired 11']);
});

test('a waiver of a rule that is off waives nothing', () => {
  const given = { waivers: [waiver({})], severities: { 'empty-subset': 'off' as const } };
  const [fault] = judge(sound, court(given)).diagnostics;
  assert.equal([fault?.code, fault?.hint], ['waiver-unused', 'take it out: `severities` turns the rule off']);
});

test('what is withdrawn is not told, and neither is a waiver for it', () => {
  const withdrawn = new Set(found.slice(1));
  assert.equal(briefOf({ withdrawn, waivers: [waiver({})] }), ['error bad-cidr 1']);
});

test('strict takes what is left for errors', () => {
  assert.equal(
    briefOf(
      { isStrict: true, waivers: [waiver({ subject: '*/v1' }), waiver({ rule: 'weights-sum' })] },
      sound,
    ),
    ['error empty-subset 3', 'error waiver-unused 10'],
  );
});

test.run();
