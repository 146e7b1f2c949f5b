import { Command } from 'commander';
import { helpStyle } from './help-style.js';
import { addClusterCommands } from './program/clusters.js';
import { addCompletionCommand } from './program/completion.js';
import { addDeclarationCommands } from './program/declaration.js';
import { addInitCommand } from './program/init.js';
import { addLabCommands } from './program/lab.js';
import { type OnExit, version } from './program/shared.js';
import { addStateCommands } from './program/state.js';

/**
 * All commands. Each loads its code when it runs, so that `--help` and `validate` stay fast. `name` is how
 * the user calls it: `meshplan`, or `kubectl meshplan`.
 */
export function createProgram(onExit: OnExit, name = 'meshplan'): Command {
  const program = new Command(name)
    .description('Plan, apply and verify Istio multi-cluster meshes from one file.')
    .version(version(), '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp(helpStyle)
    .showHelpAfterError('(run with --help for the flags of the command)')
    .configureOutput({
      writeOut: (text) => process.stdout.write(text.replace(/^ {2}meshplan /gm, `  ${name} `)),
    })
    .addHelpText('after', `\nExamples:\n  meshplan init\n  meshplan plan\n  meshplan apply`);
  addInitCommand(program, onExit);
  addDeclarationCommands(program, onExit);
  addClusterCommands(program, onExit);
  addStateCommands(program, onExit);
  addLabCommands(program, onExit);
  addCompletionCommand(program);
  return program;
}
