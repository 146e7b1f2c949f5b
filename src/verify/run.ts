import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from '../model/verify.js';
import type { VerifyContext } from './context.js';
import { type CheckSpec, type Outcome, outcomeOfError, skip } from './outcome.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Tests one claim; looks again while the outcome may still come right and time is left. An exception
 * fails this claim alone. Throws only when the run is aborted.
 */
export async function runCheck(context: VerifyContext, spec: CheckSpec, settleMs: number): Promise<Check> {
  const deadline = performance.now() + settleMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const outcome = await lookOnce(context, spec);
    if (!outcome.unsettled || performance.now() + pause > deadline) return checkOf(spec, outcome);
    await sleep(pause, undefined, context.signal ? { signal: context.signal } : {});
  }
}

async function lookOnce(context: VerifyContext, spec: CheckSpec): Promise<Outcome> {
  const missing = [...new Set(spec.needs)].filter((name) => !context.probes.get(name)?.reachable);
  if (missing.length > 0) return skip(`${missing.join(', ')} cannot be reached`);
  try {
    return await spec.run();
  } catch (error) {
    context.signal?.throwIfAborted();
    return outcomeOfError(error);
  }
}

/** A claim with what came of testing it. */
export function checkOf(spec: CheckSpec, outcome: Outcome): Check {
  return {
    id: spec.id,
    ...(spec.cluster ? { cluster: spec.cluster } : {}),
    status: outcome.status,
    claim: spec.claim,
    evidence: outcome.evidence,
    ...(outcome.hint ? { hint: outcome.hint } : {}),
  };
}
