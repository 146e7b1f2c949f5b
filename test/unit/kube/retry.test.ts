import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  backoffMs,
  isCut,
  isRepeatable,
  mayPass,
  retryAfterMs,
  withRetries,
} from '../../../src/kube/retry.js';
import type { RequestOptions } from '../../../src/model/kube.js';

const test = suite('retries');

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

const repeatable: [string, RequestOptions, boolean][] = [
  ['a read', {}, true],
  ['a delete, which is bound to a UID', { method: 'DELETE' }, true],
  ['a server-side apply', { method: 'PATCH', contentType: APPLY }, true],
  ['a merge patch', { method: 'PATCH', contentType: MERGE }, false],
  ['a merge patch as a dry-run', { method: 'PATCH', contentType: MERGE, query: { dryRun: 'All' } }, true],
  ['a create', { method: 'POST' }, false],
  ['a question that is asked by a create', { method: 'POST', isRepeatable: true }, true],
];
for (const [title, request, expected] of repeatable) {
  test(`${title} may ${expected ? '' : 'not '}be sent twice`, () => {
    assert.is(isRepeatable(request), expected);
  });
}

const answer = (status: number, text = '', headers = {}) => ({ status, text, body: text, headers });

const passing: [status: number, text: string, repeatable: boolean, expected: boolean][] = [
  [429, '', false, true],
  [500, '', true, true],
  [502, '', true, true],
  [503, '', true, true],
  [504, '', true, true],
  [500, '', false, false],
  [501, '', true, false],
  [500, 'failed calling webhook "x"', true, false],
  [500, 'failed to create typed patch object (a/b): .spec.x: field not declared', true, false],
  [500, 'failed to convert new object (a/b; /v1, Kind=Secret) to proper version: no base64', true, false],
  [409, '', true, false],
  [200, '', true, false],
];
for (const [status, text, again, expected] of passing) {
  const what = again ? 'a request that may be repeated' : 'any other request';
  test(`${status} ${text.slice(0, 24)} to ${what} is ${expected ? '' : 'not '}followed by another`, () => {
    assert.is(mayPass(answer(status, text), again), expected);
  });
}

test('a connection that was cut may do the next time, a refused one will not', () => {
  const error = (code: string) => Object.assign(new Error(code), { code });
  const codes = ['ECONNRESET', 'ANSWER_CUT', 'ANSWER_LATE', 'HPE_INVALID_CONSTANT'];
  assert.ok(codes.every((code) => isCut(error(code))));
  const lasting = ['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED', 'CONNECT_LATE'];
  assert.not.ok(lasting.some((code) => isCut(error(code))));
});

test('pauses grow, have a limit, and spread from nothing to the whole', () => {
  assert.is(
    backoffMs(1, () => 1),
    200,
  );
  assert.is(
    backoffMs(3, () => 1),
    800,
  );
  assert.is(
    backoffMs(20, () => 1),
    4_000,
  );
  assert.is(
    backoffMs(20, () => 0),
    0,
  );
});

const NOW = Date.parse('2026-11-24T12:00:00Z');
const asked: [unknown, number | undefined][] = [
  ['3', 3_000],
  ['0', 0],
  ['Tue, 24 Nov 2026 12:00:05 GMT', 5_000],
  ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
];
for (const [header, expected] of asked) {
  test(`Retry-After: ${header} asks for ${expected} ms`, () =>
    assert.is(retryAfterMs(header, NOW), expected));
}

/** Sends what is listed, one after the other, and tells how often it was asked. */
function sender(...outcomes: (ReturnType<typeof answer> | string)[]) {
  let count = 0;
  return {
    count: () => count,
    async send() {
      const outcome = outcomes[Math.min(count, outcomes.length - 1)];
      count += 1;
      if (typeof outcome !== 'object') throw Object.assign(new Error(outcome), { code: outcome });
      return outcome;
    },
  };
}

const trying = (tries: ReturnType<typeof sender>, request: RequestOptions, limitMs = 20_000) =>
  withRetries(tries.send, { request, limitMs, onRetry: () => undefined });

test('what may pass is sent again until it has passed', async () => {
  const tries = sender('ECONNRESET', answer(503), answer(429), answer(200));
  assert.is((await trying(tries, {})).status, 200);
  assert.is(tries.count(), 4);
});

test('a write that may have been taken up is not sent again', async () => {
  const merge: RequestOptions = { method: 'PATCH', contentType: MERGE };
  const cut = sender('ECONNRESET', answer(200));
  assert.match(String(await trying(cut, merge).catch((error) => error)), 'ECONNRESET');
  assert.is(cut.count(), 1);
  const busy = sender(answer(429), answer(200));
  assert.is((await trying(busy, merge)).status, 200);
});

test('a server that wants to be left alone for longer than there is time is not asked again', async () => {
  for (const [seconds, limitMs] of [
    ['60', 600_000],
    ['5', 2_000],
  ] as const) {
    const tries = sender(answer(429, '', { 'retry-after': seconds }), answer(200));
    assert.is((await trying(tries, {}, limitMs)).status, 429);
    assert.is(tries.count(), 1);
  }
});

test('no request is tried for ever', async () => {
  const tries = sender(answer(500));
  assert.is((await trying(tries, {}, 1_500)).status, 500);
  assert.ok(tries.count() <= 8);
});

test.run();
