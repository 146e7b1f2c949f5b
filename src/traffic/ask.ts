import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError } from '../errors/index.js';
import { clientOf, type TestContext } from './context.js';
import { type CurlResult, curlCommand, parseCurl, REQUEST_LIMIT_S } from './curl.js';
import { CLIENT } from './names.js';

/** Milliseconds for exec itself, beside the requests. */
const EXEC_MS = 15_000;
/** Milliseconds for which Services and rules may take to reach a proxy. */
const SETTLE_MS = 20_000;
const PAUSE_MS = 400;

export interface Question {
  /** A Service of the test. */
  service: string;
  path: string;
  count: number;
  headers?: Record<string, string>;
}

/** Sends requests one after the other from a cluster's client. @throws MeshplanError `exec-failed` */
export async function ask(context: TestContext, from: string, question: Question): Promise<CurlResult[]> {
  const { namespace, exec, signal } = context;
  const { service, path, count, headers } = question;
  const pod = clientOf(context, from);
  const separator = path.includes('?') ? '&' : '?';
  const command = curlCommand([`http://${service}${path}${separator}n=[1-${count}]`], headers);
  const timeoutMs = EXEC_MS + 1_000 * REQUEST_LIMIT_S * count;
  const { stdout, stderr, exitCode } = await exec(from, { namespace, pod, container: CLIENT }, command, {
    timeoutMs,
    signal,
  });
  const results = parseCurl(stdout);
  if (results.length === count) return results;
  throw new MeshplanError(
    'exec-failed',
    `${from}: curl gave ${results.length} results for ${count} requests (exit code ${exitCode}): ${stderr.trim()}`,
    { hint: 'The image must hold curl 7.75 or newer.' },
  );
}

/**
 * Asks in small batches until one is as wanted or time is up; what is counted afterwards is then no matter of
 * rules that were still on their way. @returns the last batch.
 */
export async function settle(
  context: TestContext,
  from: string,
  question: Question,
  isWanted: (results: CurlResult[]) => boolean,
): Promise<CurlResult[]> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const results = await ask(context, from, question);
    if (isWanted(results) || Date.now() > deadline) return results;
    await sleep(PAUSE_MS, undefined, { signal: context.signal });
  }
}

export const isAnswered = ({ status }: CurlResult): boolean => status === 200;
