import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Look, type PollOptions, poll } from '../../../src/cluster/poll.js';
import { ApiError, MeshplanError, UnreachableError } from '../../../src/errors/index.js';

function options(fields: Partial<PollOptions> = {}) {
  const reasons: string[] = [];
  const abort = new AbortController();
  const all: PollOptions = {
    what: 'the address',
    timeoutMs: 5_000,
    signal: abort.signal,
    onReason: (what, why) => reasons.push(`waits for ${what}: ${why}`),
    ...fields,
  };
  return { reasons, abort, all };
}

/** Looks that answer one after the other; the last answer stays. */
function answers(...given: (Look<string> | Error)[]): {
  look: () => Promise<Look<string>>;
  count: () => number;
} {
  let index = 0;
  const look = async () => {
    const answer = given[Math.min(index, given.length - 1)];
    index += 1;
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
    return answer;
  };
  return { look, count: () => index };
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const apiError = (status: number) =>
  new ApiError({ cluster: 'one', status, reason: 'X', message: `status ${status}` });
const pending = { pending: 'not yet' };
const there = { value: '203.0.113.7' };

const test = suite('poll');

test('what is there at once is returned without a word', async () => {
  const { all, reasons } = options();
  assert.is(await poll(answers(there).look, all), '203.0.113.7');
  assert.equal(reasons, []);
});

test('looks again until it is there', async () => {
  const { all, reasons } = options();
  const { look, count } = answers(pending, pending, there);
  assert.is(await poll(look, all), '203.0.113.7');
  assert.is(count(), 3);
  assert.equal(reasons, [], 'what comes within a second is not worth a line');
});

test('a value may be false or empty', async () => {
  const { all } = options();
  assert.is(await poll(async () => ({ value: false }), all), false);
  assert.is(await poll(async () => ({ value: undefined }), all), undefined);
});

test('after the time is up: what was awaited, for how long, the last reason and a hint', async () => {
  const { all } = options({ timeoutMs: 150 });
  const error = await errorOf(poll(answers({ pending: 'first' }, { pending: 'last' }).look, all));
  assert.instance(error, MeshplanError);
  assert.is(error.message, 'the address did not come within 0.15 s: last');
  const { code, hint } = error as MeshplanError;
  assert.is(code, 'wait-timeout');
  assert.match(hint ?? '', '--timeout');
});

test('even without time there is one look', async () => {
  const { all } = options({ timeoutMs: 0 });
  assert.is(await poll(answers(there).look, all), '203.0.113.7');
  assert.is(((await errorOf(poll(answers(pending).look, all))) as MeshplanError).code, 'wait-timeout');
});

test('an interruption ends the pause at once, with what was awaited', async () => {
  const { all, abort } = options({ timeoutMs: 60_000 });
  const begun = performance.now();
  setTimeout(() => abort.abort(), 300);
  const error = (await errorOf(poll(answers(pending).look, all))) as MeshplanError;
  assert.is(error.code, 'interrupted');
  assert.is(error.message, 'interrupted while waiting for the address: not yet');
  assert.ok(performance.now() - begun < 3_000);
});

test('what is there when the interruption comes is still taken', async () => {
  const { all, abort } = options();
  abort.abort();
  assert.is(await poll(answers(there).look, all), '203.0.113.7');
});

const passing: [title: string, error: Error][] = [
  ['unreachable', new UnreachableError('one', 'refused')],
  ['status 500', apiError(500)],
  ['status 503', apiError(503)],
  ['status 429', apiError(429)],
];
for (const [title, error] of passing) {
  test(`a server that is ${title} for a moment is waited for`, async () => {
    assert.is(await poll(answers(error, there).look, options().all), '203.0.113.7');
  });
}

test('a server that stays away is the reason of the timeout', async () => {
  const { all } = options({ timeoutMs: 100 });
  const error = await errorOf(poll(answers(new UnreachableError('one', 'refused')).look, all));
  assert.match(error.message, /within 0\.1 s: one: refused$/);
});

const refusals: [title: string, error: Error][] = [
  ['status 403', apiError(403)],
  ['status 409', apiError(409)],
  ['a defect', new TypeError('x is undefined')],
];
for (const [title, error] of refusals) {
  test(`${title} ends the wait as it is`, async () => {
    assert.is(await errorOf(poll(answers(error, there).look, options().all)), error);
  });
}

test('after a second each new reason is told once', async () => {
  const { all, reasons } = options();
  const begun = Date.now();
  await poll(async () => {
    const elapsed = Date.now() - begun;
    return elapsed < 2_600 ? { pending: elapsed < 900 ? 'early' : 'late' } : there;
  }, all);
  assert.equal(reasons, ['waits for the address: late']);
});

test('a reason is looked into when it is told, and for the last word', async () => {
  let asked = 0;
  const told = 'no ingress; last event: Failed: no quota';
  const explain = async () => {
    asked += 1;
    return { pending: told, hint: 'Ask for more.' };
  };
  const { all, reasons } = options({ timeoutMs: 1_500 });
  const error = await errorOf(poll(answers({ pending: 'no ingress', explain }).look, all));
  assert.equal(reasons, [`waits for the address: ${told}`]);
  assert.is(error.message, `the address did not come within 1.5 s: ${told}`);
  assert.match((error as MeshplanError).hint ?? '', /^Ask for more\. Then run apply again;.*--timeout/);
  assert.is(asked, 2, 'not with every look');
});

test('a hint is told with each reason that has it', async () => {
  const begun = Date.now();
  const hints: (string | undefined)[] = [];
  const { all } = options({ onReason: (_, __, hint) => hints.push(hint) });
  await poll(async () => {
    const elapsed = Date.now() - begun;
    if (elapsed > 4_600) return there;
    return elapsed < 2_200 ? { pending: 'first', hint: 'Mend it.' } : { pending: 'second' };
  }, all);
  assert.equal(hints, ['Mend it.', undefined]);
});

test('what looking into a reason fails with is nobody’s business', async () => {
  const explain = () => Promise.reject(apiError(403));
  const { all } = options({ timeoutMs: 100 });
  const error = await errorOf(poll(answers({ pending: 'no ingress', explain }).look, all));
  assert.match(error.message, /: no ingress$/);
});

test.run();
