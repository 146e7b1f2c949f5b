import type { Check, VerifyReport } from '../model/verify.js';
import { ALL_CHECKS, STATUS_CHECKS } from './checks/index.js';
import { istiodReady } from './checks/istiod-ready.js';
import { createContext, type VerifyContext } from './context.js';
import type { VerifyInput } from './input.js';
import { type CheckSpec, skip } from './outcome.js';
import { clusterProxies } from './proxies.js';
import { checkOf, runCheck } from './run.js';

export type { Connect, KeptFacts, PodPort, PortForward, VerifyInput } from './input.js';
export { readSync } from './sync.js';

const SETTLE_MS = 10_000;

/**
 * Collects evidence that the mesh works, all checks in parallel. Nothing is changed: what is created is
 * a dry run. A cluster that does not answer, or an istiod that is not ready, fails one check and skips those
 * that depend on it.
 * @throws only the signal's reason, when it is aborted.
 */
export async function verifyMesh(input: VerifyInput): Promise<VerifyReport> {
  const context = await createContext(input);
  const settleMs = input.settleMs ?? SETTLE_MS;
  const down = await istiodsDown(context, settleMs);
  const kinds = input.statusOnly ? STATUS_CHECKS : ALL_CHECKS;
  const specs = kinds.flatMap((specsOf) => specsOf(context));
  const checks = await Promise.all(specs.map((spec) => checked(context, spec, settleMs, down)));
  const proxies = clusterProxies(context, down);
  return { ok: checks.every((check) => check.status !== 'fail'), checks, proxies };
}

/** The failed checks `istiod-ready` by primary: known before what depends on them is asked. */
async function istiodsDown(context: VerifyContext, settleMs: number): Promise<Map<string, Check>> {
  const specs = istiodReady(context).map((spec) => ({
    ...spec,
    // Fewer replicas than declared stand in nobody's way, and are looked at again beside the others.
    run: async () => {
      const outcome = await spec.run();
      return outcome.status === 'fail' ? outcome : { ...outcome, unsettled: false };
    },
  }));
  const checks = await Promise.all(specs.map((spec) => runCheck(context, spec, settleMs)));
  const failed = checks.filter(({ status }) => status === 'fail');
  return new Map(failed.map((check) => [check.cluster ?? '', check]));
}

async function checked(
  context: VerifyContext,
  spec: CheckSpec,
  settleMs: number,
  down: ReadonlyMap<string, Check>,
): Promise<Check> {
  const known = down.get(spec.cluster ?? '');
  if (known?.id === spec.id) return known;
  if (spec.istiod !== undefined && down.has(spec.istiod)) {
    return checkOf(spec, skip(`istiod of ${spec.istiod} is not ready`));
  }
  return runCheck(context, spec, settleMs);
}
