import { setTimeout as sleep } from 'node:timers/promises';
import { MALFORMED } from '../errors/index.js';
import type { RequestOptions } from '../model/kube.js';
import type { Answer } from './exchange.js';

/** Enough that a fault in each fifth answer is never seen: eight in a row are one request in 400,000. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 4_000;
/** A server that wants to be left alone for longer is not waited for. */
const LONGEST_RETRY_AFTER_MS = 30_000;

/**
 * Whether sending a request twice does no more than sending it once: reads, dry-runs, server-side applies,
 * and deletes, which are bound to a UID. Of any other, such as a merge patch that met another write, only
 * what the server surely did not take up is sent again.
 */
export function isRepeatable({ method = 'GET', contentType, query, isRepeatable }: RequestOptions): boolean {
  if (isRepeatable !== undefined) return isRepeatable;
  if (method === 'GET' || method === 'DELETE' || query?.dryRun !== undefined) return true;
  return contentType === 'application/apply-patch+yaml';
}

/** Answers of 500 that are the same the next time, and of which each try costs time. */
const stays = (text: string) => text.includes('failed calling webhook') || MALFORMED.test(text);

/** Whether an answer says that another try may succeed. */
export function mayPass({ status, text }: Answer, repeatable: boolean): boolean {
  // Refused by the server's flow control, before anything was done.
  if (status === 429) return true;
  return repeatable && [500, 502, 503, 504].includes(status) && !stays(text);
}

/** Codes of a connection that was cut or of an answer that is no HTTP: another one may go through. */
const CUT = /^(ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|ANSWER_CUT|ANSWER_LATE|HPE_\w+)$/;

/** Whether a connection that failed may do the next time. A refused one or a wrong certificate will not. */
export const isCut = (error: unknown): boolean => CUT.test(String((error as NodeJS.ErrnoException).code));

/** Milliseconds before the next try: exponential with full jitter, so that parallel requests spread. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
}

/** What the header `Retry-After` asks for, in milliseconds: seconds or an HTTP date. */
export function retryAfterMs(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

export interface RetryOptions {
  request: RequestOptions;
  /** Milliseconds for all tries together. */
  limitMs: number;
  onRetry: () => void;
}

/**
 * Sends again what may pass, until the time is over.
 * @returns the last answer. @throws what the last try failed with, or the reason of the request's signal.
 */
export async function withRetries(send: () => Promise<Answer>, options: RetryOptions): Promise<Answer> {
  const { request, limitMs, onRetry } = options;
  const repeatable = isRepeatable(request);
  const end = Date.now() + limitMs;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send().catch((error: unknown) => ({ error }));
    request.signal?.throwIfAborted();
    const pause = pauseAfter(outcome, attempt, repeatable);
    if (pause === undefined || attempt >= ATTEMPTS || Date.now() + pause >= end) {
      if ('error' in outcome) throw outcome.error;
      return outcome;
    }
    onRetry();
    await sleep(pause, undefined, request.signal ? { signal: request.signal } : {});
  }
}

/** Milliseconds until the next try; undefined where there is to be none. */
function pauseAfter(
  outcome: Answer | { error: unknown },
  attempt: number,
  repeatable: boolean,
): number | undefined {
  if ('error' in outcome) return repeatable && isCut(outcome.error) ? backoffMs(attempt) : undefined;
  if (!mayPass(outcome, repeatable)) return undefined;
  const asked = retryAfterMs(outcome.headers['retry-after'], Date.now());
  if (asked === undefined) return backoffMs(attempt);
  // The same jitter on top, or all who were sent away come back at once.
  return asked > LONGEST_RETRY_AFTER_MS ? undefined : asked + backoffMs(1);
}
