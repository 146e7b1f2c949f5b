import type { Diagnostic } from '../../model/diagnostic.js';
import type { Colors } from '../output.js';

/** `mesh.yaml:12:5 error unknown-key …` with the hint on the next line. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], colors: Colors): string {
  return diagnostics.map((item) => renderOne(item, colors)).join('\n');
}

function renderOne(item: Diagnostic, colors: Colors): string {
  const place = item.file
    ? `${[item.file, item.line, item.column].filter((part) => part !== undefined).join(':')} `
    : '';
  const severity = item.severity === 'error' ? colors.red('error') : colors.yellow('warning');
  const head = `${place}${severity} ${item.code} ${item.message}`;
  return item.hint ? `${head}\n  ${colors.dim('hint:')} ${item.hint}` : head;
}
