import type { Diagnostic } from '../model/diagnostic.js';
import type { WaivedFinding } from '../model/lint.js';

/** Exit codes of every command, as the contract lists them. */
export const ExitCode = {
  done: 0,
  failed: 1,
  changes: 2,
  invalid: 3,
  incomplete: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * A failure that a user can act on. `code` is stable; `hint` says what to do;
 * `exitCode` is what the process ends with when nobody handles it (1 unless told).
 */
export class MeshplanError extends Error {
  override readonly name: string = 'MeshplanError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; cause?: unknown; exitCode?: ExitCode } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? ExitCode.failed;
  }
}

/** The input is wrong in one or more places; all findings are carried at once. Exit code 3. */
export class InvalidInputError extends MeshplanError {
  override readonly name = 'InvalidInputError';
  readonly diagnostics: Diagnostic[];
  /** What `spec.lint.waivers` keeps back. */
  readonly waived: WaivedFinding[];

  constructor(diagnostics: Diagnostic[], waived: WaivedFinding[] = []) {
    const errors = diagnostics.filter((item) => item.severity === 'error');
    super('invalid-input', errors.map((item) => item.message).join('; '), { exitCode: ExitCode.invalid });
    this.diagnostics = diagnostics;
    this.waived = waived;
  }
}

/**
 * How an API server says, as a plain 500, that what it was sent is no object of its kind: an unknown field, a
 * wrong type, a list key that stands twice, text that is no base64 (seen with Kubernetes 1.37, whatever
 * `fieldValidation` says). Asked again it says the same.
 */
export const MALFORMED =
  /failed to (?:create typed patch object|convert new object) \([^)]*\)(?: to proper version)?: /;

/** An answer of an API server with status 400 or more. `reason` is the Status object's, e.g. `Conflict`. */
export class ApiError extends MeshplanError {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly reason: string;
  readonly cluster: string;
  /** The Status body's `details.causes`, e.g. the fields of a server-side apply conflict. */
  readonly causes: { reason?: string; message?: string; field?: string }[];
  /** Seconds after which the server wants to be asked again (`Retry-After`), if it said so. */
  readonly retryAfter: number | undefined;

  constructor(details: {
    cluster: string;
    status: number;
    reason: string;
    message: string;
    causes?: { reason?: string; message?: string; field?: string }[];
    retryAfter?: number;
    hint?: string;
  }) {
    super('api-error', `${details.cluster}: ${details.message}`, details.hint ? { hint: details.hint } : {});
    this.status = details.status;
    this.reason = details.reason;
    this.cluster = details.cluster;
    this.causes = details.causes ?? [];
    this.retryAfter = details.retryAfter;
  }
}

/** The cluster could not be asked at all: refused, timed out, TLS or DNS failure. */
export class UnreachableError extends MeshplanError {
  override readonly name = 'UnreachableError';
  readonly cluster: string;

  constructor(cluster: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('cluster-unreachable', `${cluster}: ${message}`, options);
    this.cluster = cluster;
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
