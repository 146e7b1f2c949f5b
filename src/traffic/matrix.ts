import pLimit from 'p-limit';
import { MeshplanError, messageOf } from '../errors/index.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import type { TrafficCell, TrafficFailure, TrafficReason } from '../model/traffic.js';
import { ask, isAnswered, type Question, settle } from './ask.js';
import { beginStep, type TestContext, whyIdle, withoutSidecar } from './context.js';
import type { CurlResult } from './curl.js';
import { parseForwardedCert } from './identity.js';
import { CLIENT, identityOf, serverOf, serviceOf, whyApart } from './names.js';
import { lastFailure } from './proxy-log.js';
import { HINTS, reasonOf } from './reasons.js';
import { countBy, latencyOf } from './statistics.js';

/** Requests of a cell. */
const REQUESTS = 10;
/** Cells that are tried at a time, so that no API server is flooded. */
const PARALLEL = 8;

/** Sends requests from every cluster to the servers of every cluster. */
export async function tryMatrix(context: TestContext): Promise<TrafficCell[]> {
  const { clusters } = context.mesh;
  const step = beginStep(context, 'matrix', `${clusters.length} × ${clusters.length} clusters`);
  const limit = pLimit(PARALLEL);
  const pairs = clusters.flatMap((from) => clusters.map((to) => ({ from, to })));
  const cells = await Promise.all(pairs.map(({ from, to }) => limit(() => tryCell(context, from, to))));
  const failed = cells.filter(({ status }) => status === 'fail').length;
  const sent = cells.filter(({ status }) => status !== 'skip').length;
  if (failed > 0) step.failed(`${failed} of ${sent} cells failed`);
  else if (sent === 0) step.skipped('no two clusters can be tried');
  else step.done(`${sent} cells, all requests answered`);
  return cells;
}

/** Clusters from which some request was not answered by whom it was meant for. */
export const unansweredIn = (cells: readonly TrafficCell[]): Set<string> =>
  new Set(
    cells.flatMap(({ from, status, answered }) => (status === 'fail' && answered < REQUESTS ? [from] : [])),
  );

async function tryCell(
  context: TestContext,
  from: ResolvedCluster,
  to: ResolvedCluster,
): Promise<TrafficCell> {
  const cell = { from: from.name, to: to.name, requests: 0, answered: 0, servers: {} };
  const skipped = whyNot(context, from, to);
  if (skipped !== undefined) return { ...cell, status: 'skip', skipped };
  const failed = (reason: TrafficReason, detail: string): TrafficFailure => ({
    reason,
    detail,
    hint: HINTS[reason](from.name, to.name, from.primary),
  });
  try {
    return await sendRequests(context, { from: from.name, to: to.name }, failed);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof MeshplanError)) throw error;
    const failure = failed('exec', messageOf(error));
    return { ...cell, status: 'fail', failure: { ...failure, hint: error.hint ?? failure.hint } };
  }
}

const whyNot = (context: TestContext, from: ResolvedCluster, to: ResolvedCluster): string | undefined =>
  whyIdle(context, from.name) ?? whyIdle(context, to.name) ?? whyApart(from, to);

type Failed = (reason: TrafficReason, detail: string) => TrafficFailure;

async function sendRequests(
  context: TestContext,
  { from, to }: Pick<TrafficCell, 'from' | 'to'>,
  failed: Failed,
): Promise<TrafficCell> {
  const { mesh } = context;
  const service = serviceOf(mesh, to);
  const whoAmI: Question = { service, path: '/header?key=X-Forwarded-Client-Cert', count: 2 };
  // What has no proxy will not get one by waiting.
  const bare = bareOf(context, from, to) !== undefined;
  const shown = await settle(context, from, whoAmI, (results) => bare || results.every(isAnswered));
  const results = await ask(context, from, { service, path: '/hostname', count: REQUESTS });
  const answers = results.filter(isAnswered).map(({ body }) => serverOf(mesh, body)?.cluster ?? 'unknown');
  const servers = countBy(answers);
  const identity = parseForwardedCert(shown.find(isAnswered)?.body ?? '');
  const latencyMs = latencyOf(results.filter(isAnswered).map(({ seconds }) => seconds));
  const failure =
    (await failureOf(context, { from, to, results, servers }, failed)) ??
    identityFailure(context, identity, failed);
  return {
    from,
    to,
    status: failure ? 'fail' : 'pass',
    requests: results.length,
    answered: servers[to] ?? 0,
    servers,
    ...(identity?.uri ? { identity: identity.uri } : {}),
    ...(latencyMs ? { latencyMs } : {}),
    ...(failure ? { failure } : {}),
  };
}

/** The cluster of a cell whose test pods lack a sidecar. */
const bareOf = (context: TestContext, from: string, to: string): string | undefined =>
  [from, to].find((name) => withoutSidecar(context, name).length > 0);

interface Sent {
  from: string;
  to: string;
  results: CurlResult[];
  servers: Record<string, number>;
}

async function failureOf(
  context: TestContext,
  { from, to, results, servers }: Sent,
  failed: Failed,
): Promise<TrafficFailure | undefined> {
  const bare = bareOf(context, from, to);
  if (bare !== undefined) return failed('no-sidecar', `test pods of ${bare} have no istio-proxy`);
  const first = results.find((result) => !isAnswered(result));
  if (first) {
    const line = await lastFailure(context, from, serviceOf(context.mesh, to));
    const { reason, detail } = reasonOf(first, line);
    return failed(reason, detail);
  }
  const others = Object.keys(servers).filter((name) => name !== to);
  return others.length > 0 ? failed('wrong-cluster', `answered by ${others.join(', ')}`) : undefined;
}

function identityFailure(
  { mesh, namespace }: TestContext,
  seen: ReturnType<typeof parseForwardedCert>,
  failed: Failed,
): TrafficFailure | undefined {
  if (!seen) return failed('plaintext', 'the server saw no client certificate');
  const wanted = identityOf(mesh, namespace, CLIENT);
  if (seen.uri === wanted) return undefined;
  return failed('identity', `the server saw ${seen.uri ?? 'a certificate without URI'}, not ${wanted}`);
}
