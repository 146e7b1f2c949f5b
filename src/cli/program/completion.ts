import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.js';
import { printResult } from '../output.js';

/** The command that prints what a shell loads. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print what a shell loads to complete commands, flags and names')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(meshplan completion bash)\n  meshplan completion fish | source',
    )
    .action((shell: Shell) => printResult(completionScript(shell)));
}
