import { type Command, Option } from 'commander';
import { DEFAULT_TRAFFIC_IMAGE } from '../../model/traffic.js';
import type { ApplyFlags } from '../commands/apply.js';
import type { GraphFlags } from '../commands/graph.js';
import type { PlanFlags } from '../commands/plan.js';
import type { PromoteFlags } from '../commands/promote.js';
import type { VerifyFlags } from '../commands/verify.js';
import {
  abandonOption,
  adoptOption,
  maxImpactOption,
  type PlanningFlags,
  parseDuration,
  parseInterval,
  withClusterFlags,
  withPlanFileFlags,
  withPlanningFlags,
} from '../flags.js';
import type { OnExit } from './shared.js';

/** Commands that read or change clusters. */
export function addClusterCommands(program: Command, onExit: OnExit): void {
  for (const add of [addPlan, addApply, addDrift, addVerify, addPromote, addDestroy, addGraph])
    add(program, onExit);
}

function addPlan(program: Command, onExit: OnExit): void {
  withPlanningFlags(program.command('plan'), ['text', 'json', 'markdown'])
    .description('read the clusters and print what an apply would do')
    .addOption(adoptOption())
    .addOption(abandonOption())
    .option('--out <file>', 'save the plan, for `apply FILE` or `destroy FILE`')
    .option('--destroy', 'plan the removal of the mesh', false)
    .option('--detailed-exitcode', 'exit with 2 when changes are pending', false)
    .addHelpText('after', '\nExample:\n  meshplan plan --out mesh.plan')
    .action(async (flags: PlanFlags) => onExit(await (await import('../commands/plan.js')).plan(flags)));
}

function addApply(program: Command, onExit: OnExit): void {
  withPlanFileFlags(withApproval(withPlanningFlags(program.command('apply'))))
    .description('plan (or take a saved plan), ask, apply in order, verify')
    .addOption(adoptOption())
    .addOption(abandonOption())
    .option('--report <file>', 'write what was proved, once all is applied and verified')
    .addHelpText(
      'after',
      '\nExamples:\n  meshplan apply -y\n  meshplan apply mesh.plan --expect-digest sha256:…',
    )
    .action(async (...given: PlanFileArguments) =>
      onExit(await (await import('../commands/apply.js')).apply(withPlanFile(given))),
    );
}

function addDrift(program: Command, onExit: OnExit): void {
  withPlanningFlags(program.command('drift'), ['text', 'json', 'markdown', 'junit', 'sarif'])
    .description('compare the clusters with the declaration; exit with 2 when they differ')
    .addHelpText('after', '\nExample:\n  meshplan drift -o sarif > drift.sarif')
    .action(async (flags: PlanningFlags) =>
      onExit(await (await import('../commands/drift.js')).drift(flags)),
    );
}

function addVerify(program: Command, onExit: OnExit): void {
  withClusterFlags(program.command('verify'))
    .description('collect evidence that the mesh works')
    .option(
      '--traffic',
      'send real requests between all clusters, from pods made for it; --timeout is for their start (2m)',
      false,
    )
    .addOption(
      new Option(
        '--traffic-image <image>',
        'what these pods run, with /agnhost and curl in it (takes --traffic for said)',
      )
        .default(DEFAULT_TRAFFIC_IMAGE)
        .implies({ traffic: true }),
    )
    .addOption(
      new Option('--watch', 'look again and again, and show what changes, until Ctrl-C')
        .conflicts('traffic')
        .default(false),
    )
    .addOption(
      new Option('--interval <duration>', 'how often --watch looks (takes --watch for said)')
        .argParser(parseInterval)
        .default(5_000, '5s')
        .implies({ watch: true }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  meshplan verify -o json\n  meshplan verify --traffic\n  meshplan verify --watch --interval 2s',
    )
    .action(async (flags: VerifyFlags) =>
      onExit(await (await import('../commands/verify.js')).verify(flags)),
    );
}

function addDestroy(program: Command, onExit: OnExit): void {
  withPlanFileFlags(withApproval(withPlanningFlags(program.command('destroy'))))
    .description('remove what meshplan made, in reverse order')
    .addOption(abandonOption())
    .addHelpText('after', '\nExample:\n  meshplan destroy -y')
    .action(async (...given: PlanFileArguments) =>
      onExit(await (await import('../commands/apply.js')).destroy(withPlanFile(given))),
    );
}

function addPromote(program: Command, onExit: OnExit): void {
  withApproval(withClusterFlags(program.command('promote')))
    .description('make a remote the primary: edit mesh.yaml, plan, ask, apply, verify')
    .argument('<cluster>', 'the remote that is to be the primary')
    .addOption(maxImpactOption())
    .option('--fence', 'take the old primary for lost, whether it answers or not', false)
    .addHelpText('after', '\nExample:\n  meshplan promote cluster-2')
    .action(async (cluster: string, flags: Omit<PromoteFlags, 'cluster'>) =>
      onExit(
        await (await import('../commands/promote.js')).promote({
          ...flags,
          cluster,
          target: [],
          exclude: [],
        }),
      ),
    );
}

function addGraph(program: Command, onExit: OnExit): void {
  withPlanningFlags(program.command('graph'), ['dot', 'mermaid', 'svg'])
    .description('draw the actions of a plan and their order')
    .option('--destroy', 'of the plan of removal', false)
    .addOption(
      new Option('--declared', 'of the mesh file alone: no cluster is asked, and nothing has a change')
        .conflicts(['destroy', 'target', 'exclude', 'maxImpact'])
        .default(false),
    )
    .addHelpText('after', '\nExample:\n  meshplan graph -o svg > mesh.svg')
    .action(async (flags: GraphFlags) => onExit(await (await import('../commands/graph.js')).graph(flags)));
}

type PlanFileArguments = [planFile: string | undefined, flags: ApplyFlags, command: Command];

const withPlanFile = ([planFile, flags, command]: PlanFileArguments): ApplyFlags => ({
  ...flags,
  ...(planFile === undefined ? {} : { planFile }),
  isFileNamed: command.getOptionValueSource('file') === 'cli',
});

const withApproval = (command: Command): Command =>
  command
    .option('-y, --auto-approve', 'do not ask', false)
    .addOption(
      new Option('--lock-timeout <duration>', 'how long to wait for another run to end, e.g. 5m')
        .argParser(parseDuration)
        .default(0, 'not at all'),
    );
