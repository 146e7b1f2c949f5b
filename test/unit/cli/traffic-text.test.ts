import pc from 'picocolors';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderMatrix } from '../../../src/cli/render/traffic-text.js';
import { renderVerify } from '../../../src/cli/render/verify-text.js';
import type { TrafficCell } from '../../../src/model/traffic.js';
import type { Check, VerifyReport } from '../../../src/model/verify.js';

const plain = pc.createColors(false);
const coloured = pc.createColors(true);
const FAILURE = { reason: 'no-endpoint', detail: 'HTTP 503 UH', hint: 'look' } as const;

const cell = (from: string, to: string, fields: Partial<TrafficCell> = {}): TrafficCell => ({
  from,
  to,
  status: 'pass',
  requests: 10,
  answered: 10,
  servers: { [to]: 10 },
  latencyMs: { median: 2.2, max: 9 },
  ...fields,
});

const matrix = [
  cell('hub', 'hub'),
  cell('hub', 'edge-of-it', { status: 'fail', answered: 0, failure: FAILURE }),
  cell('edge-of-it', 'hub', { status: 'skip', requests: 0, answered: 0, skipped: 'gone' }),
  cell('edge-of-it', 'edge-of-it'),
];

const test = suite('the matrix');

test('a row for each caller, a column for each called', () => {
  assert.is(
    renderMatrix({ matrix }, plain, 80),
    [
      'from \\ to   hub                edge-of-it',
      'hub         10/10 mTLS 2.2 ms  0/10 no-endpoint',
      'edge-of-it  skipped            10/10 mTLS 2.2 ms',
    ].join('\n'),
  );
});

test('colour does not move columns', () => {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
  const shown = renderMatrix({ matrix }, coloured, 80);
  assert.is.not(shown, renderMatrix({ matrix }, plain, 80));
  const bare = shown.replace(escapes, '').split('\n');
  assert.equal(
    bare.map((line) => line.trimEnd()),
    renderMatrix({ matrix }, plain, 80).split('\n'),
  );
});

test('where a table does not fit there is a line for each cell', () => {
  assert.is(
    renderMatrix({ matrix }, plain, 40),
    [
      'hub → hub: 10/10 mTLS 2.2 ms',
      'hub → edge-of-it: 0/10 no-endpoint',
      'edge-of-it → hub: skipped',
      'edge-of-it → edge-of-it: 10/10 mTLS 2.2 ms',
    ].join('\n'),
  );
});

test('requests that went well are told by the matrix alone, those that did not by their check, too', () => {
  const check = (status: Check['status'], claim: string): Check => ({
    id: 'traffic-request',
    cluster: 'hub',
    status,
    claim,
    evidence: 'seen',
    ...(status === 'fail' ? { hint: 'look' } : {}),
  });
  const report: VerifyReport = {
    ok: false,
    proxies: [],
    checks: [check('pass', 'to hub'), check('fail', 'to edge')],
    traffic: { namespace: 't', image: 'i', matrix },
  };
  const text = renderVerify(report, plain);
  assert.not.match(text, 'to hub');
  assert.match(text, '✗ hub: to edge\n    seen\n    hint: look\n\nfrom \\ to');
  assert.match(text, 'Checks: 1 passed, 1 failed.');
  assert.match(renderVerify({ ...report, checks: [] }, plain, { quiet: true }), /^from \\ to/);
});

test.run();
