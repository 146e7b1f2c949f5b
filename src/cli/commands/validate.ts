import { ExitCode, InvalidInputError } from '../../errors/index.js';
import type { MeshFlags } from '../flags.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { renderDiagnostics } from '../render/diagnostics.js';
import { waivedLines } from '../render/waived-text.js';
import { loadDeclaration } from '../wiring.js';

/** `meshplan validate`: schema and meaning; no cluster is touched. */
export async function validate(flags: MeshFlags): Promise<ExitCode> {
  const { diagnostics, waived, mesh } = await readDiagnostics(flags);
  const errors = diagnostics.filter((item) => item.severity === 'error').length;
  const valid = mesh !== undefined;
  if (flags.output === 'json') {
    printResult(JSON.stringify({ valid, diagnostics, waived }, null, 2));
  } else {
    const shown = flags.quiet ? diagnostics.filter((item) => item.severity === 'error') : diagnostics;
    const colors = colorsFor(process.stderr, flags.color);
    if (shown.length > 0) printNote(renderDiagnostics(shown, colors, flags.verbose));
    if (flags.verbose && waived.length > 0) printNote(waivedLines(waived, true).join('\n'));
    const warnings = diagnostics.length - errors;
    const counts = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}${waived.length > 0 ? `, ${waived.length} waived` : ''}`;
    if (valid)
      printResult(`${flags.file} is valid: mesh ${mesh.name}, ${mesh.clusters.length} clusters (${counts}).`);
    // A file that is not there is neither valid nor invalid, and the finding has said so.
    else if (!diagnostics.some((item) => item.code === 'file-missing'))
      printNote(`${flags.file} is not valid: ${counts}.`);
  }
  return valid ? ExitCode.done : ExitCode.invalid;
}

async function readDiagnostics(flags: MeshFlags) {
  try {
    return await loadDeclaration(flags, false);
  } catch (error) {
    if (error instanceof InvalidInputError) {
      const { diagnostics, waived } = error;
      return { diagnostics, waived, mesh: undefined };
    }
    throw error;
  }
}
