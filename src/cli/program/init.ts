import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, outputOption } from '../flags.js';
import { isMeshName } from '../init/names.js';
import type { OnExit } from './shared.js';

/** The command that a mesh begins with. */
export function addInitCommand(program: Command, onExit: OnExit): void {
  program
    .command('init')
    .description('write a commented mesh file from the contexts of the kubeconfig')
    .option('-f, --file <file>', 'the mesh file to write; - is stdout', 'mesh.yaml')
    .addOption(
      new Option(
        '--context <context[:role[:primary]]>',
        'a context that becomes a cluster, and its role: primary, remote or remote:PRIMARY (repeatable)',
      )
        .argParser(collect)
        .default([], 'all contexts, the first as primary'),
    )
    .option('--name <name>', 'the mesh ID (default: of an Istio that is there, else mesh1)', parseName)
    .option('--istio-version <version>', 'the Istio release or minor (default: of istioctl)', parseVersion)
    .option('--kubeconfig <file>', 'kubeconfig whose contexts are taken')
    .option('--istioctl <file>', 'the istioctl that tells the version')
    .option('--force', 'write over a file that is there', false)
    .addOption(outputOption())
    .option('--no-color', 'no colour, also on a terminal')
    .option('--quiet', 'results and errors only', false)
    .addHelpText(
      'after',
      '\nExamples:\n  meshplan init\n  meshplan init --context east:primary --context west:remote --name mesh1',
    )
    .action(async (flags) => onExit(await (await import('../commands/init.js')).init(flags)));
}

function parseName(text: string): string {
  if (isMeshName(text)) return text;
  throw new InvalidArgumentError('It must be a DNS label: lower-case letters, digits, and - between them.');
}

function parseVersion(text: string): string {
  if (/^\d+\.\d+(\.\d+)?(-[0-9A-Za-z.-]+)?$/.test(text)) return text;
  throw new InvalidArgumentError('It must be an Istio version such as 1.31 or 1.31.2.');
}
