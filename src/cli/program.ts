import { Command } from 'commander';
import { addClusterCommands } from './program/clusters.js';
import { addDeclarationCommands } from './program/declaration.js';
import { addLabCommands } from './program/lab.js';
import { type OnExit, version } from './program/shared.js';
import { addStateCommands } from './program/state.js';

/** All commands. Each loads its code when it runs, so that `--help` and `validate` stay fast. */
export function createProgram(onExit: OnExit): Command {
  const program = new Command('meshplan')
    .description('Plan, apply and verify Istio multi-cluster meshes from one file.')
    .version(version(), '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(run with --help for the flags of the command)');
  addDeclarationCommands(program, onExit);
  addClusterCommands(program, onExit);
  addStateCommands(program, onExit);
  addLabCommands(program, onExit);
  return program;
}
