import { type Command, Option } from 'commander';
import { environmentOption, outputOption, overlayOption } from '../flags.js';
import type { OnExit } from './shared.js';

const load = () => import('../commands/lab.js');

/** Commands on the local lab. */
export function addLabCommands(program: Command, onExit: OnExit): void {
  const lab = program
    .command('lab')
    .description('real local clusters for the mesh file, without Docker')
    .addHelpText('after', '\nExamples:\n  meshplan lab up\n  meshplan lab exec -- meshplan plan')
    .enablePositionalOptions();
  addUp(lab, onExit);
  withLabFlags(lab.command('down'))
    .description('end every process of the lab and remove what it made')
    .addHelpText('after', '\nExample:\n  meshplan lab down')
    .action(async (flags) => onExit(await (await load()).labDown(flags)));
  withLabFlags(lab.command('status'))
    .description('what runs')
    .addHelpText('after', '\nExample:\n  meshplan lab status -o json')
    .action(async (flags) => onExit(await (await load()).labStatus(flags)));
  addPower(lab, onExit);
  addInside(lab, onExit);
}

function addUp(lab: Command, onExit: OnExit): void {
  withLabFlags(lab.command('up'))
    .description('start the clusters that the mesh file names')
    .option('-f, --file <file>', 'the mesh file', 'mesh.yaml')
    .addOption(overlayOption())
    .addOption(environmentOption())
    .addOption(
      new Option('--level <n>', '1: real control planes; 2: real nodes and traffic too (Linux, root)')
        .choices(['1', '2'])
        .default('1'),
    )
    .option(
      '--bin <folder>',
      'a folder with the binaries (else MESHPLAN_LAB_BIN, the cache, PATH, download, build)',
    )
    .option(
      '--address <answer>',
      'what the load balancer of level 1 answers: hostname (default) or ip=ADDRESS',
    )
    .addHelpText('after', '\nExample:\n  meshplan lab up -f mesh.yaml')
    .action(async (flags) => onExit(await (await load()).labUp({ strict: false, ...flags })));
}

function addPower(lab: Command, onExit: OnExit): void {
  for (const wanted of ['stop', 'start'] as const) {
    withLabFlags(lab.command(`${wanted} <cluster>`))
      .description(
        wanted === 'stop' ? 'kill all processes of a cluster' : 'bring a stopped cluster back with its data',
      )
      .addHelpText('after', `\nExample:\n  meshplan lab ${wanted} cluster-2`)
      .action(async (cluster, flags) => onExit(await (await load()).labPower(cluster, flags, wanted)));
  }
}

/** What runs where the clusters are reachable. */
function addInside(lab: Command, onExit: OnExit): void {
  lab
    .command('exec <command...>')
    .description('run a command that sees the clusters: KUBECONFIG, PATH and the overlay of level 2 are set')
    .option('--dir <dir>', 'the folder of the lab', '.meshplan/lab')
    .passThroughOptions()
    .addHelpText('after', '\nExample:\n  meshplan lab exec -- kubectl --context cluster-1 get pods -A')
    .action(async (command: string[], flags) => onExit(await (await load()).labExec(command, flags)));
  lab
    .command('shell')
    .description('start a shell that sees the clusters, as exec does')
    .option('--dir <dir>', 'the folder of the lab', '.meshplan/lab')
    .addHelpText('after', '\nExample:\n  meshplan lab shell')
    .action(async (flags) => onExit(await (await load()).labShell(flags)));
}

function withLabFlags(command: Command): Command {
  return command
    .option('--dir <dir>', 'the folder of the lab', '.meshplan/lab')
    .addOption(outputOption())
    .option('--quiet', 'results and errors only', false)
    .option('--verbose', 'every detail', false);
}
