import { MeshplanError } from '../errors/index.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import type { Check } from '../model/verify.js';
import { type Step, type TestContext, whyUntold } from './context.js';

export type Finding = Pick<Check, 'status' | 'evidence' | 'hint'>;

/** A claim about the traffic of one calling cluster, with the way to test it. */
export interface Claim {
  id: string;
  from: ResolvedCluster;
  claim: string;
  test(): Promise<Finding>;
}

/** Tests one claim. What is thrown fails it alone. @throws the signal's reason when that fires */
export async function testEach(context: TestContext, { id, from, claim, test }: Claim): Promise<Check> {
  const check = { id, cluster: from.name, claim };
  const idle = whyUntold(context, from.name);
  if (idle !== undefined) return { ...check, status: 'skip', evidence: idle };
  try {
    return { ...check, ...(await test()) };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof MeshplanError)) throw error;
    return { ...check, status: 'fail', evidence: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  }
}

/** Tells how all claims of a step came out. */
export function endStep(step: Pick<Step, 'done' | 'failed' | 'skipped'>, checks: readonly Check[]): void {
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const tried = checks.filter(({ status }) => status !== 'skip').length;
  if (failed > 0) step.failed(`${failed} of ${tried} failed`);
  else if (tried === 0) step.skipped(checks[0]?.evidence ?? 'there is no cluster');
  else step.done(`${tried} of ${tried} as they should`);
}
