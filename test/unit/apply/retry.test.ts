import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bounds, boundsFrom, waitFor } from '../../../src/apply/bounds.js';
import { retrying } from '../../../src/apply/retry.js';
import { ApiError, MeshplanError, UnreachableError } from '../../../src/errors/index.js';

const test = suite('retry');

const apiError = (status: number, message = `status ${status}`, causes: { reason: string }[] = []) =>
  new ApiError({ cluster: 'one', status, reason: 'X', message, causes });

function boundsOf(fields: Partial<Bounds> = {}) {
  const reasons: string[] = [];
  const abort = new AbortController();
  const bounds: Bounds = {
    left: () => 5_000,
    signal: abort.signal,
    onReason: (what, why) => reasons.push(`${what}: ${why}`),
    ...fields,
  };
  return { reasons, abort, bounds };
}

/** Fails with each error in turn, then gives `done`. */
function failing(...errors: Error[]) {
  let tries = 0;
  const work = async () => {
    const error = errors[tries];
    tries += 1;
    if (error) throw error;
    return 'done';
  };
  return { work, tries: () => tries };
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const passing: [title: string, error: Error][] = [
  ['a webhook that does not answer', apiError(500, 'failed calling webhook "x": connection refused')],
  ['a server that has no time', apiError(429)],
  ['a server that is gone', new UnreachableError('one', 'refused')],
  ['a write that met another', apiError(409, 'the object has been modified')],
];
for (const [title, error] of passing) {
  test(`${title} is tried again, with its words as the reason`, async () => {
    const { bounds, reasons } = boundsOf();
    const { work, tries } = failing(error);
    assert.is(await retrying('X to be accepted', work, bounds), 'done');
    assert.is(tries(), 2);
    assert.equal(reasons, [`X to be accepted: ${error.message}`]);
  });
}

const final: [title: string, error: Error][] = [
  ['a refusal', apiError(403)],
  ['what a server never does', apiError(501)],
  ['an invalid object', apiError(422)],
  ['a field of somebody else', apiError(409, 'conflict', [{ reason: 'FieldManagerConflict' }])],
  [
    'an object that was made anew',
    apiError(409, 'Precondition failed: UID in precondition: a, in object: b'),
  ],
  ['a defect', new TypeError('x is undefined')],
];
for (const [title, error] of final) {
  test(`${title} is not tried again`, async () => {
    const { work, tries } = failing(error);
    assert.is(await errorOf(retrying('X', work, boundsOf().bounds)), error);
    assert.is(tries(), 1);
  });
}

test('after the time is up the last error stands', async () => {
  const { bounds } = boundsOf({ left: () => 600 });
  const errors = Array.from({ length: 50 }, (_, index) => apiError(503, `try ${index}`));
  const { work, tries } = failing(...errors);
  const error = await errorOf(retrying('X', work, bounds));
  assert.match(error.message, /try \d+$/);
  assert.ok(tries() > 1 && tries() < 6, String(tries()));
});

test('an interruption ends the pause, and says what it was about', async () => {
  const { bounds, abort } = boundsOf({ left: () => 60_000 });
  setTimeout(() => abort.abort(), 50);
  const error = await errorOf(retrying('X', failing(...Array(9).fill(apiError(503))).work, bounds));
  assert.instance(error, MeshplanError);
  assert.is((error as MeshplanError).code, 'interrupted');
});

const rest = { signal: new AbortController().signal, onReason: () => undefined };

test('each wait has a default of its own, and the whole action one', () => {
  const { left } = boundsFrom(Date.now(), { timeoutMs: undefined, ...rest });
  assert.is(left('address'), 300_000);
  assert.is(left('rollout'), 300_000);
  assert.is(left('token'), 30_000);
  const late = boundsFrom(Date.now() - 590_000, { timeoutMs: undefined, ...rest });
  assert.ok(late.left('address') <= 10_000);
  assert.is(boundsFrom(Date.now() - 700_000, { timeoutMs: undefined, ...rest }).left('token'), 0);
});

test('--timeout overrides all of them, and bounds the action as a whole', () => {
  const begun = Date.now() - 30_000;
  const bounds = boundsFrom(begun, { timeoutMs: 90_000, ...rest });
  for (const awaited of ['address', 'token', 'gone'] as const) {
    assert.ok(Math.abs(bounds.left(awaited) - 60_000) < 1_000);
  }
  assert.is(waitFor(bounds, 'token', 'the token').what, 'the token');
});

test.run();
