import { ExitCode, MeshplanError } from '../errors/index.js';

/** A key or a certificate that the user must mend. Exit code 3; never carries a cause that could quote a key. */
export function caError(code: string, message: string, hint: string): MeshplanError {
  return new MeshplanError(code, message, { hint, exitCode: ExitCode.invalid });
}
