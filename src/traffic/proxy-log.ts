import { setTimeout as sleep } from 'node:timers/promises';
import { objectPath } from '../cluster/paths.js';
import { type LogLine, parseAccessLog } from './access-log.js';
import { clientOf, interruptible, type TestContext } from './context.js';
import { KINDS } from './kinds.js';

/** Istio's proxies write their access log once a second (`--file-flush-interval-msec 1000` of pilot-agent). */
const FLUSH_MS = 1_200;

/**
 * The last failure of a Service that the client's proxy logged; undefined where it logs none, or its log may
 * not be read: it is told, never relied on.
 */
export async function lastFailure(
  context: TestContext,
  from: string,
  service: string,
): Promise<LogLine | undefined> {
  await sleep(FLUSH_MS, undefined, { signal: context.signal });
  const path = objectPath(KINDS.Pod, clientOf(context, from), context.namespace);
  const read = interruptible(context, from).request(`${path}/log`, {
    query: { container: 'istio-proxy', sinceSeconds: '60', tailLines: '500' },
    accept: '*/*',
  });
  const { body } = await read.catch(() => ({ body: '' }));
  return parseAccessLog(String(body)).findLast((line) => line.authority === service && line.status >= 400);
}
