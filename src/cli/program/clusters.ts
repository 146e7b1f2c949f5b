import { type Command, Option } from 'commander';
import type { ApplyFlags } from '../commands/apply.js';
import type { PlanFlags } from '../commands/plan.js';
import {
  type ClusterFlags,
  type PlanningFlags,
  parseDuration,
  withClusterFlags,
  withPlanningFlags,
} from '../flags.js';
import type { OnExit } from './shared.js';

/** Commands that read or change clusters. */
export function addClusterCommands(program: Command, onExit: OnExit): void {
  withPlanningFlags(program.command('plan'))
    .description('read the clusters and print what an apply would do')
    .option('--destroy', 'plan the removal of the mesh', false)
    .option('--detailed-exitcode', 'exit with 2 when changes are pending', false)
    .addHelpText('after', '\nExample:\n  meshplan plan --detailed-exitcode -o json')
    .action(async (flags: PlanFlags) => onExit(await (await import('../commands/plan.js')).plan(flags)));
  withApproval(withPlanningFlags(program.command('apply')))
    .description('plan, ask, apply in order, verify')
    .addHelpText('after', '\nExample:\n  meshplan apply -y')
    .action(async (flags: ApplyFlags) => onExit(await (await import('../commands/apply.js')).apply(flags)));
  withPlanningFlags(program.command('drift'))
    .description('compare the clusters with the declaration; exit with 2 when they differ')
    .addHelpText('after', '\nExample:\n  meshplan drift -o json')
    .action(async (flags: PlanningFlags) => onExit(await (await import('../commands/plan.js')).drift(flags)));
  withClusterFlags(program.command('verify'))
    .description('collect evidence that the mesh works')
    .addHelpText('after', '\nExample:\n  meshplan verify -o json')
    .action(async (flags: ClusterFlags) =>
      onExit(await (await import('../commands/verify.js')).verify(flags)),
    );
  withApproval(withPlanningFlags(program.command('destroy')))
    .description('remove what meshplan made, in reverse order')
    .addHelpText('after', '\nExample:\n  meshplan destroy -y')
    .action(async (flags: ApplyFlags) => onExit(await (await import('../commands/apply.js')).destroy(flags)));
}

const withApproval = (command: Command): Command =>
  command
    .option('-y, --auto-approve', 'do not ask', false)
    .addOption(
      new Option('--lock-timeout <duration>', 'how long to wait for another run to end, e.g. 5m')
        .argParser(parseDuration)
        .default(0, 'not at all'),
    );
