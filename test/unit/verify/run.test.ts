import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import type { VerifyContext } from '../../../src/verify/context.js';
import { type CheckSpec, fail, type Outcome, pass, unsettled } from '../../../src/verify/outcome.js';
import { runCheck } from '../../../src/verify/run.js';

const context = {
  probes: new Map([
    ['up', { reachable: true, version: 'v1.37.2' }],
    ['down', { reachable: false, error: 'refused' }],
  ]),
} as unknown as VerifyContext;

/** A check that answers with these outcomes, one after the other; an Error is thrown. */
function spec(needs: string[], ...outcomes: (Outcome | Error)[]): CheckSpec {
  return {
    id: 'a-check',
    cluster: 'up',
    claim: 'a claim',
    needs,
    async run() {
      const outcome = outcomes.shift() ?? fail('asked too often', 'ask less');
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };
}

test('the outcome is reported with the claim', async () => {
  assert.equal(await runCheck(context, spec(['up'], pass('seen')), 0), {
    id: 'a-check',
    cluster: 'up',
    status: 'pass',
    claim: 'a claim',
    evidence: 'seen',
  });
});

test('what needs a cluster that does not answer is skipped', async () => {
  const check = await runCheck(context, spec(['up', 'down'], pass('seen')), 0);
  assert.is(check.status, 'skip');
  assert.match(check.evidence, /^down cannot be reached/);
});

test('a cluster that is needed for two reasons is named once', async () => {
  const check = await runCheck(context, spec(['down', 'down'], pass('seen')), 0);
  assert.is(check.evidence, 'down cannot be reached');
});

test('an exception fails the check, with its own hint', async () => {
  const error = new MeshplanError('some-code', 'it broke', { hint: 'mend it' });
  const check = await runCheck(context, spec(['up'], error), 5_000);
  assert.is(check.status, 'fail');
  assert.is(check.evidence, 'it broke');
  assert.is(check.hint, 'mend it');
});

test('what may still come right is looked at again, a plain failure is not', async () => {
  const late = spec(['up'], unsettled(fail('not yet', 'wait')), pass('now'));
  assert.is((await runCheck(context, late, 5_000)).evidence, 'now');
  const final = spec(['up'], fail('wrong', 'mend it'), pass('now'));
  assert.is((await runCheck(context, final, 5_000)).evidence, 'wrong');
});

test('after the time to settle, the last outcome stands', async () => {
  const never = spec(['up'], unsettled(fail('not yet', 'wait')), unsettled(fail('still not', 'wait')));
  assert.is((await runCheck(context, never, 600)).evidence, 'still not');
});

test('an abort ends the run', async () => {
  const aborted = { ...context, signal: AbortSignal.abort(new Error('stopped')) };
  const run = () => runCheck(aborted, spec(['up'], new Error('cut off')), 5_000);
  const error = await run().catch((thrown: unknown) => thrown);
  assert.is((error as Error).message, 'stopped');
});

test.run();
