import type { Command } from 'commander';
import { type MeshFlags, outputOption, withMeshFlags } from '../flags.js';
import { printResult } from '../output.js';
import { type OnExit, version } from './shared.js';

/** Commands that touch no cluster. */
export function addDeclarationCommands(program: Command, onExit: OnExit): void {
  withMeshFlags(program.command('validate'))
    .description('check the mesh file: schema and meaning; no cluster is touched')
    .addHelpText('after', '\nExample:\n  meshplan validate -f mesh.yaml --strict')
    .action(async (flags: MeshFlags) =>
      onExit(await (await import('../commands/validate.js')).validate(flags)),
    );
  program
    .command('schema')
    .description('print the JSON Schema of the mesh file')
    .addHelpText('after', '\nExample:\n  meshplan schema > mesh.schema.json')
    .action(async () => {
      const { schemaText } = await import('../../config/index.js');
      printResult(schemaText());
    });
  program
    .command('version')
    .description('print the version')
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  meshplan version -o json')
    .action(({ output }: Pick<MeshFlags, 'output'>) => {
      const { platform, arch, version: node } = process;
      const about = { version: version(), node: node.replace('v', ''), platform: `${platform}/${arch}` };
      printResult(output === 'json' ? JSON.stringify(about, null, 2) : about.version);
    });
}
