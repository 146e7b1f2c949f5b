import { ExitCode, InvalidInputError } from '../../errors/index.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { WaivedFinding } from '../../model/lint.js';
import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import type { MeshFlags } from '../flags.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { renderDiagnostics } from '../render/diagnostics.js';
import { waivedLines } from '../render/waived-text.js';
import { loadDeclaration } from '../wiring.js';

/** What was found in the mesh file as one environment has it, or as it is. */
interface Reading {
  env?: string;
  /** Undefined where it is not valid. */
  mesh?: ResolvedMesh;
  diagnostics: Diagnostic[];
  waived: WaivedFinding[];
}

/** `meshplan validate`: schema and meaning; no cluster is touched. Without `--env` in every environment of the file. */
export async function validate(flags: MeshFlags): Promise<ExitCode> {
  const readings: Reading[] = [];
  for (const env of await environmentsOf(flags)) readings.push(await read(flags, env));
  const diagnostics = onceEach(readings.flatMap((reading) => reading.diagnostics));
  const waived = onceEach(readings.flatMap((reading) => reading.waived));
  const valid = readings.every(({ mesh }) => mesh !== undefined);
  if (flags.output === 'json') {
    const environments = readings.flatMap(({ env, mesh }) =>
      env === undefined ? [] : [{ name: env, valid: mesh !== undefined }],
    );
    const told = { valid, ...(environments.length > 0 ? { environments } : {}), diagnostics, waived };
    printResult(JSON.stringify(told, null, 2));
  } else {
    const shown = flags.quiet ? diagnostics.filter((item) => item.severity === 'error') : diagnostics;
    const colors = colorsFor(process.stderr, flags.color);
    if (shown.length > 0) printNote(renderDiagnostics(shown, colors, flags.verbose));
    if (flags.verbose && waived.length > 0) printNote(waivedLines(waived, true).join('\n'));
    for (const reading of readings) tell(reading, flags);
  }
  return valid ? ExitCode.done : ExitCode.invalid;
}

/** `[undefined]` for a file without environments. */
async function environmentsOf({ file, env }: MeshFlags): Promise<(string | undefined)[]> {
  if (env !== undefined) return [env];
  const { readEnvironments } = await import('../../config/index.js');
  const names = await readEnvironments(file);
  return names.length > 0 ? names : [undefined];
}

async function read(flags: MeshFlags, env: string | undefined): Promise<Reading> {
  const named = env === undefined ? {} : { env };
  try {
    const { mesh, diagnostics, waived } = await loadDeclaration({ ...flags, ...named }, false);
    return { ...named, mesh, diagnostics, waived };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const { diagnostics, waived } = error;
    return { ...named, diagnostics, waived };
  }
}

/** Environments have most of the file in common, and with it what is wrong there. */
const onceEach = <Item>(items: Item[]): Item[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
];

function tell({ env, mesh, diagnostics, waived }: Reading, { file }: MeshFlags): void {
  const errors = diagnostics.filter((item) => item.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const counts = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}${waived.length > 0 ? `, ${waived.length} waived` : ''}`;
  const where = env === undefined ? '' : ` in ${env}`;
  if (mesh)
    printResult(`${file} is valid${where}: mesh ${mesh.name}, ${mesh.clusters.length} clusters (${counts}).`);
  // A file that is not there is neither valid nor invalid, and the finding has said so.
  else if (!diagnostics.some((item) => item.code === 'file-missing'))
    printNote(`${file} is not valid${where}: ${counts}.`);
}
