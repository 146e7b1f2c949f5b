import type { VerifyReport } from '../model/verify.js';
import { ALL_CHECKS } from './checks/index.js';
import { createContext } from './context.js';
import type { VerifyInput } from './input.js';
import { runCheck } from './run.js';

export type { Connect, PodPort, PortForward, VerifyInput } from './input.js';
export { readSync } from './sync.js';

const SETTLE_MS = 10_000;

/**
 * Collects evidence that the mesh works, all checks in parallel. Nothing is changed: what is created is
 * a dry run. A cluster that does not answer fails one check and skips those that depend on it.
 * @throws only the signal's reason, when it is aborted.
 */
export async function verifyMesh(input: VerifyInput): Promise<VerifyReport> {
  const context = await createContext(input);
  const specs = ALL_CHECKS.flatMap((specsOf) => specsOf(context));
  const settleMs = input.settleMs ?? SETTLE_MS;
  const checks = await Promise.all(specs.map((spec) => runCheck(context, spec, settleMs)));
  return { ok: checks.every((check) => check.status !== 'fail'), checks };
}
