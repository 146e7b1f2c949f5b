import { setTimeout as sleep } from 'node:timers/promises';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import type { Check } from '../model/verify.js';
import { ask, settle } from './ask.js';
import { type Claim, endStep, type Finding, testEach } from './claims.js';
import { beginStep, interruptible, patch, type Step, type TestContext } from './context.js';
import { KINDS } from './kinds.js';
import { deploymentOf, LOCAL, VERSIONS } from './names.js';
import { contradiction, peersOf, type Regions, readRegions, whyNoLocality } from './regions.js';
import { awaitReady, toldSeldom } from './set-up.js';
import { type Tally, tallyOf, textOf } from './tally.js';

const REQUESTS = 50;
const BATCH = 10;
/** Milliseconds in which traffic must have moved after a cluster's servers are gone. */
const FAILOVER_MS = 30_000;
const PAUSE_MS = 200;

const QUESTION = { service: LOCAL, path: '/hostname' };

/** Callers prefer the servers of their own region, and go on with others when these are gone. */
export async function tryLocality(
  context: TestContext,
  refused: ReadonlyMap<string, unknown>,
): Promise<Check[]> {
  const { clusters } = context.mesh;
  const ready = clusters.filter(({ name }) => context.pods.has(name));
  const read = ready.map(async ({ name }) => [name, await readRegions(context, name)] as const);
  const regions = new Map(await Promise.all(read));
  const step = beginStep(context, 'locality', `${REQUESTS} requests from each cluster`);
  const locality = await Promise.all(
    clusters.map((from) => testEach(context, localityClaim(context, from, regions, refused))),
  );
  endStep(step, locality);
  const next = beginStep(context, 'failover', 'the servers of one cluster after the other go');
  const failover: Check[] = [];
  // One after the other: each needs the servers of all the others.
  for (const [index, from] of clusters.entries()) {
    const isLast = index === clusters.length - 1;
    const claim = failoverClaim(context, from, { before: locality[index], isLast, step: next });
    failover.push(await testEach(context, claim));
  }
  endStep(next, failover);
  return [...locality, ...failover];
}

function localityClaim(
  context: TestContext,
  from: ResolvedCluster,
  regions: ReadonlyMap<string, Regions>,
  refused: ReadonlyMap<string, unknown>,
): Claim {
  return {
    id: 'traffic-locality',
    from,
    claim: `requests from ${from.name} stay in its region`,
    async test(): Promise<Finding> {
      const skipped = refused.has(from.primary)
        ? `the rules could not be made in ${from.primary}`
        : whyNoLocality(from, peersOf(context, from), regions);
      if (skipped !== undefined) return { status: 'skip', evidence: skipped };
      const contrary = contradiction(from, regions);
      if (contrary !== undefined)
        return {
          status: 'fail',
          evidence: contrary,
          hint: 'Istio goes by the nodes: mend their label or mesh.yaml.',
        };
      const isLocal = ({ requests, clusters }: Tally) => clusters[from.name] === requests;
      const tally = (results: Parameters<typeof tallyOf>[1]) => tallyOf(context.mesh, results);
      await settle(context, from.name, { ...QUESTION, count: BATCH }, (results) => isLocal(tally(results)));
      const found = tally(await ask(context, from.name, { ...QUESTION, count: REQUESTS }));
      const evidence = `${found.requests} requests from region ${regions.get(from.name)?.names.join(', ')}, ${textOf(found, found.clusters)}`;
      if (isLocal(found)) return { status: 'pass', evidence };
      return {
        status: 'fail',
        evidence,
        hint: `Proxies do not prefer their own region: look for another DestinationRule that holds for the host, and at istioctl proxy-config endpoints in ${from.name}.`,
      };
    },
  };
}

function failoverClaim(
  context: TestContext,
  from: ResolvedCluster,
  { before, isLast, step }: { before: Check | undefined; isLast: boolean; step: Step },
): Claim {
  return {
    id: 'traffic-failover',
    from,
    claim: `requests from ${from.name} go on elsewhere when its own servers are gone`,
    async test() {
      if (before?.status !== 'pass') {
        const evidence =
          before?.status === 'skip' ? before.evidence : `locality does not hold in ${from.name}`;
        return { status: 'skip', evidence };
      }
      step.progress(`takes the servers of ${from.name} away`);
      await scale(context, from.name, 0);
      const finding = judgeFailover(from.name, await moveAway(context, from.name));
      if (!isLast) {
        await scale(context, from.name, 1);
        step.progress(`brings the servers of ${from.name} back`);
        const cluster = interruptible(context, from.name);
        await Promise.all(
          VERSIONS.map((version) => awaitReady(context, cluster, deploymentOf(version), toldSeldom(step))),
        );
      }
      return finding;
    },
  };
}

const scale = (context: TestContext, name: string, replicas: number) =>
  Promise.all(
    VERSIONS.map((version) =>
      patch(
        interruptible(context, name),
        KINDS.Deployment,
        { name: deploymentOf(version), namespace: context.namespace },
        { spec: { replicas } },
      ),
    ),
  );

/** What requests met while servers went, and afterwards. */
export interface Move {
  /** Milliseconds until a batch was answered elsewhere; undefined where none was. */
  afterMs?: number;
  meanwhile: { requests: number; failed: number };
  afterwards: Tally;
}

async function moveAway(context: TestContext, from: string): Promise<Move> {
  const begun = performance.now();
  const meanwhile = { requests: 0, failed: 0 };
  for (;;) {
    const batch = tallyOf(context.mesh, await ask(context, from, { ...QUESTION, count: BATCH }));
    const afterMs = performance.now() - begun;
    const hasMoved = hasLeft(from, batch);
    if (hasMoved || afterMs > FAILOVER_MS) {
      const afterwards = tallyOf(context.mesh, await ask(context, from, { ...QUESTION, count: REQUESTS }));
      return { ...(hasMoved ? { afterMs } : {}), meanwhile, afterwards };
    }
    meanwhile.requests += batch.requests;
    meanwhile.failed += batch.requests - batch.answered;
    await sleep(PAUSE_MS, undefined, { signal: context.signal });
  }
}

const hasLeft = (from: string, { requests, answered, clusters }: Tally): boolean =>
  answered === requests && clusters[from] === undefined;

export function judgeFailover(from: string, { afterMs, meanwhile, afterwards }: Move): Finding {
  const moved =
    afterMs === undefined
      ? `traffic did not move within ${FAILOVER_MS / 1_000} s`
      : `moved after ${(afterMs / 1_000).toFixed(1)} s`;
  const before =
    meanwhile.requests > 0 ? ` (till then ${meanwhile.failed} of ${meanwhile.requests} failed)` : '';
  const evidence = `${moved}${before}; then ${afterwards.requests} requests, ${textOf(afterwards, afterwards.clusters)}`;
  if (afterMs !== undefined && hasLeft(from, afterwards)) return { status: 'pass', evidence };
  return {
    status: 'fail',
    evidence,
    hint: `Proxies in ${from} do not go on to other clusters: see the row of ${from} in the matrix, and the check cluster-synced.`,
  };
}
