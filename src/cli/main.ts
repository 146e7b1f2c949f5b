import { ExitCode, InvalidInputError, MeshplanError, messageOf } from '../errors/index.js';
import { colorsFor, ignoreClosedPipes, printNote } from './output.js';
import { createProgram } from './program.js';
import { renderDiagnostics } from './render/diagnostics.js';

/** Runs the command line and sets the exit code; the process ends by itself once its work is done. */
async function main(argv: string[]): Promise<void> {
  ignoreClosedPipes();
  try {
    await createProgram((code) => {
      process.exitCode = code;
    }).parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error, argv);
  }
}

function report(error: unknown, argv: string[]): number {
  const colors = colorsFor(process.stderr, !argv.includes('--no-color'));
  if (error instanceof InvalidInputError) {
    printNote(renderDiagnostics(error.diagnostics, colors));
    return error.exitCode;
  }
  if (error instanceof MeshplanError) {
    const { code, message, hint } = error;
    printNote(renderDiagnostics([{ severity: 'error', code, message, ...(hint ? { hint } : {}) }], colors));
    return error.exitCode;
  }
  if (isUsageError(error)) return error.exitCode === 0 ? ExitCode.done : ExitCode.invalid;
  printNote(`${colors.red('error')} internal ${messageOf(error)}`);
  if (argv.includes('--verbose') && error instanceof Error && error.stack) printNote(error.stack);
  return ExitCode.failed;
}

/** commander has printed these itself. */
function isUsageError(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

await main(process.argv);
