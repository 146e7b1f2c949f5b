import { randomBytes } from 'node:crypto';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import type { TrafficReport } from '../model/traffic.js';
import type { Check } from '../model/verify.js';
import { checkOf } from './checks.js';
import { cleanUpCluster } from './clean-up.js';
import type { TestContext } from './context.js';
import type { TrafficInput } from './input.js';
import { tryLocality } from './locality.js';
import { tryMatrix, unansweredIn } from './matrix.js';
import { tryRoutes } from './routes.js';
import { putRules } from './rules.js';
import { setUpCluster } from './set-up.js';

export type { Exec, Holder, TrafficInput } from './input.js';

/** What `testTraffic` does, in its order: the steps that its events name. */
export const trafficSteps = (mesh: ResolvedMesh): string[] => [
  ...mesh.clusters.map(({ name }) => `${name}/set-up`),
  'matrix',
  'routes',
  'locality',
  'failover',
  ...mesh.clusters.map(({ name }) => `${name}/clean-up`),
];

export const newNamespace = (): string => `meshplan-traffic-${randomBytes(3).toString('hex')}`;

/**
 * Sends real requests between all clusters from pods that it makes for this, and removes them, whatever
 * happens. What is wrong with the mesh or a cluster becomes a failed check.
 * @throws the signal's reason when it fires, after the clean-up.
 */
export async function testTraffic(input: TrafficInput, namespace = newNamespace()): Promise<TrafficReport> {
  const context: TestContext = { ...input, namespace, pods: new Map(), unanswered: new Set() };
  const names = input.mesh.clusters.map(({ name }) => name);
  const settled = await Promise.allSettled([runTests(context, names)]);
  const cleaned = await Promise.all(names.map((name) => cleanUpCluster(context, name)));
  const [outcome] = settled;
  if (outcome?.status !== 'fulfilled') throw outcome?.reason;
  const { report, checks } = outcome.value;
  return { ...report, checks: [...checks, ...cleaned.filter((check) => check !== undefined)] };
}

async function runTests(
  context: TestContext,
  names: string[],
): Promise<{ report: Omit<TrafficReport, 'checks'>; checks: Check[] }> {
  // All must have ended before anything is removed, also where one fails.
  const begun = await Promise.allSettled(names.map((name) => setUpCluster(context, name)));
  const setUp = begun.map((item) => {
    if (item.status === 'rejected') throw item.reason;
    return item.value;
  });
  // The rules have hosts of their own, and may spread meanwhile.
  const [refused, matrix] = await Promise.all([putRules(context), tryMatrix(context)]);
  const informed = { ...context, unanswered: unansweredIn(matrix) };
  const routes = await tryRoutes(informed, refused);
  const locality = await tryLocality(informed, refused);
  return {
    report: { namespace: context.namespace, image: context.image, matrix },
    checks: [...setUp, ...matrix.map(checkOf), ...routes, ...locality],
  };
}
