import type { Command } from 'commander';
import { ExitCode, InvalidInputError, MeshplanError, messageOf } from '../errors/index.js';
import { COMPLETE, callOf } from './called-as.js';
import { colorsFor, ignoreClosedPipes, printNote } from './output.js';
import { createProgram } from './program.js';
import { renderDiagnostics } from './render/diagnostics.js';

/** Runs the command line and sets the exit code; the process ends by itself once its work is done. */
async function main(argv: string[]): Promise<void> {
  ignoreClosedPipes();
  const call = callOf(argv);
  try {
    const program = createProgram((code) => {
      process.exitCode = code;
    }, call.name);
    const [, , first, ...rest] = call.argv;
    if (first === COMPLETE) await (await import('./completion/answer.js')).answer(program, rest);
    else await run(program, call.argv);
  } catch (error) {
    process.exitCode = report(error, argv);
  }
}

/** Who names no command, or only a group of them, asks what there is; kubectl and istioctl answer so, too. */
async function run(program: Command, argv: string[]): Promise<void> {
  const words = argv.slice(2);
  const named = words.reduce<Command | undefined>(
    (group, word) => group?.commands.find((command) => command.name() === word),
    program,
  );
  if (named && named.commands.length > 0) named.outputHelp();
  else await program.parseAsync(argv);
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
