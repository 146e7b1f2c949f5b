import { ApiError, messageOf } from '../errors/index.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import type { Check } from '../model/verify.js';
import { ask, type Question, settle } from './ask.js';
import { type Claim, endStep, type Finding, testEach } from './claims.js';
import { beginStep, type TestContext } from './context.js';
import { ROUTED, VERSION_HEADER } from './names.js';
import { SHARES } from './rules.js';
import { binomialBounds } from './statistics.js';
import { type Tally, tallyOf, textOf } from './tally.js';

const HEADER_REQUESTS = 50;
const SPLIT_REQUESTS = 200;
/** A batch that no split would send to one version alone by chance: 0.2 to the power of ten. */
const SETTLE_REQUESTS = 10;

const BY_HEADER: Pick<Question, 'service' | 'path' | 'headers'> = {
  service: ROUTED,
  path: '/hostname',
  headers: { [VERSION_HEADER.name]: VERSION_HEADER.value },
};

/** A route by header and a weighted split, for callers in each cluster. */
export async function tryRoutes(
  context: TestContext,
  refused: ReadonlyMap<string, unknown>,
): Promise<Check[]> {
  const step = beginStep(
    context,
    'routes',
    `a header and a split, ${HEADER_REQUESTS} and ${SPLIT_REQUESTS} requests`,
  );
  const checks = await Promise.all(
    context.mesh.clusters.map(async (from) => {
      const problem = refused.get(from.primary);
      // The split counts once the rules are there, which the header shows.
      const header = await testEach(context, headerClaim(context, from, problem));
      return [header, await testEach(context, splitClaim(context, from, problem))];
    }),
  );
  endStep(step, checks.flat());
  return checks.flat();
}

/** What failed altogether is no matter of rules. */
const hint = ({ name, primary }: ResolvedCluster, { answered, requests }: Tally): string =>
  answered < requests
    ? `Requests fail: see the row of ${name} in the matrix.`
    : `Proxies follow other rules than those of the test: see istioctl proxy-status in ${primary}, and whether istiod there reads VirtualService and DestinationRule.`;

/** Why there is nothing to test: the primary did not take the rules. */
export function refusedOf(primary: string, problem: unknown): Finding {
  // The namespace is there by now, so it is the kinds that are not found.
  if (problem instanceof ApiError && problem.status === 404) {
    return {
      status: 'fail',
      evidence: `${primary} does not know Istio's VirtualService and DestinationRule`,
      hint: 'Run `meshplan apply`: Istio is not installed there.',
    };
  }
  return {
    status: 'fail',
    evidence: `the rules could not be made: ${messageOf(problem)}`,
    hint: 'Your user needs the right to create virtualservices and destinationrules (networking.istio.io), and istiod must answer its validation webhook.',
  };
}

function headerClaim(context: TestContext, from: ResolvedCluster, problem: unknown): Claim {
  return {
    id: 'traffic-header',
    from,
    claim: `requests from ${from.name} with a header go where its route says`,
    async test() {
      if (problem !== undefined) return refusedOf(from.primary, problem);
      const isV2 = ({ requests, versions }: Tally) => versions.v2 === requests;
      await settle(context, from.name, { ...BY_HEADER, count: SETTLE_REQUESTS }, (results) =>
        isV2(tallyOf(context.mesh, results)),
      );
      const results = await ask(context, from.name, { ...BY_HEADER, count: HEADER_REQUESTS });
      const tally = tallyOf(context.mesh, results);
      const evidence = `${tally.requests} requests with ${VERSION_HEADER.name}: ${VERSION_HEADER.value}, ${textOf(tally, tally.versions)}`;
      return isV2(tally)
        ? { status: 'pass', evidence }
        : { status: 'fail', evidence, hint: hint(from, tally) };
    },
  };
}

function splitClaim(context: TestContext, from: ResolvedCluster, problem: unknown): Claim {
  return {
    id: 'traffic-split',
    from,
    claim: `requests from ${from.name} are split ${SHARES.v1} to ${SHARES.v2} by weight`,
    async test() {
      if (problem !== undefined) return refusedOf(from.primary, problem);
      const question = { service: ROUTED, path: '/hostname', count: SPLIT_REQUESTS };
      const tally = tallyOf(context.mesh, await ask(context, from.name, question));
      const { isFair, evidence } = judgeSplit(tally);
      return isFair ? { status: 'pass', evidence } : { status: 'fail', evidence, hint: hint(from, tally) };
    },
  };
}

/** Whether counts fit the weights: every request answered, and v2's share no rarer than one in a thousand. */
export function judgeSplit(tally: Tally): { isFair: boolean; evidence: string } {
  const { low, high } = binomialBounds(tally.requests, SHARES.v2 / 100);
  const { v2 = 0 } = tally.versions;
  const isFair = tally.answered === tally.requests && v2 >= low && v2 <= high;
  return {
    isFair,
    evidence: `${tally.requests} requests, ${textOf(tally, tally.versions)}; 99.9 % of fair splits give v2 ${low} to ${high}`,
  };
}
