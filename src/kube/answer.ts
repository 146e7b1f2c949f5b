import http from 'node:http';
import { ApiError, type MeshplanError, UnreachableError } from '../errors/index.js';
import type { ApiResponse } from '../model/kube.js';
import type { Answer } from './exchange.js';
import { retryAfterMs } from './retry.js';

interface Status {
  reason?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string; field?: string }[] };
}

/** An answer as stages see it. @throws ApiError for a status of 400 or more. */
export function readAnswer(cluster: string, { status, headers, body }: Answer): ApiResponse {
  if (status < 400) return { status, body, headers };
  const told = (typeof body === 'object' && body !== null ? body : {}) as Status;
  const wait = retryAfterMs(headers['retry-after'], Date.now());
  throw new ApiError({
    cluster,
    status,
    reason: told.reason ?? http.STATUS_CODES[status] ?? 'Unknown',
    message: withoutValues(told.message ?? `HTTP ${status}`),
    ...(told.details?.causes ? { causes: told.details.causes } : {}),
    ...(wait ? { retryAfter: Math.ceil(wait / 1_000) } : {}),
    ...(status === 401
      ? { hint: 'The credentials of the kubeconfig are not taken: they may have expired. Log in again.' }
      : {}),
  });
}

/** A wrong type is told with the value, which may be a Secret's. */
const withoutValues = (message: string): string =>
  message.replaceAll(/&value\.valueUnstructured\{Value:[\s\S]*?\}(?=\n\s+\.|$)/g, 'another type');

/** Why a server could not be asked, in words for people. */
export function unreachable(cluster: string, error: unknown): MeshplanError {
  const { code, message } = error as NodeJS.ErrnoException;
  const isOwn = code?.startsWith('ANSWER_') || code?.startsWith('CONNECT_');
  const text = code && !isOwn && !message.includes(code) ? `${code}: ${message}` : message;
  return new UnreachableError(cluster, `the API server does not answer: ${text || code}`, {
    cause: error,
    hint: hintFor(code),
  });
}

function hintFor(code: string | undefined): string {
  if (code === 'ECONNREFUSED')
    return 'Check that the cluster runs and that the kubeconfig names its address.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The server name does not resolve; check the kubeconfig.';
  if (code?.includes('CERT') || code?.includes('SELF_SIGNED') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') {
    return "The server's certificate does not verify with the kubeconfig's certificate authority.";
  }
  return 'Check the network path to the API server.';
}
