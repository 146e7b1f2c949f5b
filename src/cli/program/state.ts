import type { Command } from 'commander';
import { withStateFlags } from '../flags.js';
import type { OnExit } from './shared.js';

/** Commands on the state file. */
export function addStateCommands(program: Command, onExit: OnExit): void {
  const state = program
    .command('state')
    .description('look at the state file, and mend it')
    .addHelpText('after', '\nExample:\n  meshplan state list');
  const load = () => import('../commands/state.js');
  withStateFlags(state.command('list [address...]'))
    .description('the addresses that the state holds, or those that patterns mean')
    .addHelpText('after', "\nExamples:\n  meshplan state list\n  meshplan state list 'cluster-2/**'")
    .action(async (patterns, flags) => onExit(await (await load()).stateList(patterns, flags)));
  withStateFlags(state.command('show [address]'))
    .description('the whole state, or one object of it')
    .addHelpText('after', '\nExample:\n  meshplan state show cluster-2/v1/Secret/istio-system/cacerts')
    .action(async (address, flags) => onExit(await (await load()).stateShow(address, flags)));
  withStateFlags(state.command('forget [address]'))
    .description('drop an object, or all of a cluster, from the state; no cluster is touched')
    .option('--cluster <name>', 'all that the state knows of this cluster, which is gone for good')
    .addHelpText('after', '\nExample:\n  meshplan state forget cluster-1/v1/Service/production/backend')
    .action(async (address, flags) => onExit(await (await load()).stateForget(address, flags)));
  withStateFlags(state.command('unlock'))
    .description('remove a lock whose holder is gone')
    .option('--force', 'also where the holder may still run', false)
    .addHelpText('after', '\nExample:\n  meshplan state unlock --force')
    .action(async (flags) => onExit(await (await load()).stateUnlock(flags)));
}
