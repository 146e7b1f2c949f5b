import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import {
  type ClusterFlags,
  type MeshFlags,
  overlayOption,
  withClusterFlags,
  withMeshFlags,
  withStateFlags,
} from './flags.js';
import { printResult } from './output.js';

/** Told the exit code of the command that ran. */
type OnExit = (code: number) => void;

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

export const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version;

function addDeclarationCommands(program: Command, onExit: OnExit): void {
  withMeshFlags(program.command('validate'))
    .description('check the mesh file: schema and meaning; no cluster is touched')
    .addHelpText('after', '\nExample:\n  meshplan validate -f mesh.yaml --strict')
    .action(async (flags: MeshFlags) =>
      onExit(await (await import('./commands/validate.js')).validate(flags)),
    );
  program
    .command('schema')
    .description('print the JSON Schema of the mesh file')
    .addHelpText('after', '\nExample:\n  meshplan schema > mesh.schema.json')
    .action(async () => {
      const { schemaText } = await import('../config/index.js');
      printResult(schemaText());
    });
  program
    .command('version')
    .description('print the version')
    .addHelpText('after', '\nExample:\n  meshplan version')
    .action(() => printResult(version()));
}

function addClusterCommands(program: Command, onExit: OnExit): void {
  withClusterFlags(program.command('plan'))
    .description('read the clusters and print what an apply would do')
    .option('--destroy', 'plan the removal of the mesh', false)
    .option('--detailed-exitcode', 'exit with 2 when changes are pending', false)
    .addHelpText('after', '\nExample:\n  meshplan plan --detailed-exitcode -o json')
    .action(async (flags: ClusterFlags & { destroy: boolean; detailedExitcode: boolean }) =>
      onExit(await (await import('./commands/plan.js')).plan(flags)),
    );
  withApproval(withClusterFlags(program.command('apply')))
    .description('plan, ask, apply in order, verify')
    .addHelpText('after', '\nExample:\n  meshplan apply -y')
    .action(async (flags: ClusterFlags & { autoApprove: boolean }) =>
      onExit(await (await import('./commands/apply.js')).apply(flags)),
    );
  withClusterFlags(program.command('drift'))
    .description('compare the clusters with the declaration; exit with 2 when they differ')
    .addHelpText('after', '\nExample:\n  meshplan drift -o json')
    .action(async (flags: ClusterFlags) => onExit(await (await import('./commands/plan.js')).drift(flags)));
  withClusterFlags(program.command('verify'))
    .description('collect evidence that the mesh works')
    .addHelpText('after', '\nExample:\n  meshplan verify -o json')
    .action(async (flags: ClusterFlags) =>
      onExit(await (await import('./commands/verify.js')).verify(flags)),
    );
  withApproval(withClusterFlags(program.command('destroy')))
    .description('remove what meshplan made, in reverse order')
    .addHelpText('after', '\nExample:\n  meshplan destroy -y')
    .action(async (flags: ClusterFlags & { autoApprove: boolean }) =>
      onExit(await (await import('./commands/apply.js')).destroy(flags)),
    );
}

const withApproval = (command: Command): Command => command.option('-y, --auto-approve', 'do not ask', false);

function addStateCommands(program: Command, onExit: OnExit): void {
  const state = program.command('state').description('look at the state file, and mend it');
  const load = () => import('./commands/state.js');
  withStateFlags(state.command('list'))
    .description('the addresses that the state holds')
    .addHelpText('after', '\nExample:\n  meshplan state list')
    .action(async (flags) => onExit(await (await load()).stateList(flags)));
  withStateFlags(state.command('show [address]'))
    .description('the whole state, or one object of it')
    .addHelpText('after', '\nExample:\n  meshplan state show cluster-2/v1/Secret/istio-system/cacerts')
    .action(async (address, flags) => onExit(await (await load()).stateShow(address, flags)));
  withStateFlags(state.command('forget <address>'))
    .description('drop an object from the state; the cluster is not touched')
    .addHelpText('after', '\nExample:\n  meshplan state forget cluster-1/v1/Service/production/backend')
    .action(async (address, flags) => onExit(await (await load()).stateForget(address, flags)));
  withStateFlags(state.command('unlock'))
    .description('remove a lock whose holder is gone')
    .option('--force', 'also where the holder may still run', false)
    .addHelpText('after', '\nExample:\n  meshplan state unlock --force')
    .action(async (flags) => onExit(await (await load()).stateUnlock(flags)));
}

function addLabCommands(program: Command, onExit: OnExit): void {
  const lab = program
    .command('lab')
    .description('real local clusters for the mesh file, without Docker')
    .enablePositionalOptions();
  const load = () => import('./commands/lab.js');
  withLabFlags(lab.command('up'))
    .description('start the clusters that the mesh file names')
    .option('-f, --file <file>', 'the mesh file', 'mesh.yaml')
    .addOption(overlayOption())
    .addOption(new Option('--level <n>', 'what kind of lab').choices(['1']).default('1'))
    .option(
      '--bin <folder>',
      'a folder with the binaries (else MESHPLAN_LAB_BIN, the cache, PATH, download, build)',
    )
    .option('--address <answer>', 'what the load balancer answers: hostname or ip=ADDRESS', 'hostname')
    .addHelpText('after', '\nExample:\n  meshplan lab up -f mesh.yaml')
    .action(async (flags) => onExit(await (await load()).labUp({ strict: false, ...flags })));
  withLabFlags(lab.command('down'))
    .description('end every process of the lab and remove what it made')
    .addHelpText('after', '\nExample:\n  meshplan lab down')
    .action(async (flags) => onExit(await (await load()).labDown(flags)));
  withLabFlags(lab.command('status'))
    .description('what runs')
    .addHelpText('after', '\nExample:\n  meshplan lab status -o json')
    .action(async (flags) => onExit(await (await load()).labStatus(flags)));
  for (const wanted of ['stop', 'start'] as const) {
    withLabFlags(lab.command(`${wanted} <cluster>`))
      .description(
        wanted === 'stop' ? 'kill all processes of a cluster' : 'bring a stopped cluster back with its data',
      )
      .addHelpText('after', `\nExample:\n  meshplan lab ${wanted} cluster-2`)
      .action(async (cluster, flags) => onExit(await (await load()).labPower(cluster, flags, wanted)));
  }
  lab
    .command('exec <command...>')
    .description('run a command that sees the clusters: KUBECONFIG and PATH are set')
    .option('--dir <dir>', 'the folder of the lab', '.meshplan/lab')
    .passThroughOptions()
    .addHelpText('after', '\nExample:\n  meshplan lab exec -- kubectl --context cluster-1 get pods -A')
    .action(async (command: string[], flags) => onExit(await (await load()).labExec(command, flags)));
}

function withLabFlags(command: Command): Command {
  return command
    .option('--dir <dir>', 'the folder of the lab', '.meshplan/lab')
    .addOption(
      new Option('-o, --output <format>', 'how results are written')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--quiet', 'results and errors only', false)
    .option('--verbose', 'every detail', false);
}
