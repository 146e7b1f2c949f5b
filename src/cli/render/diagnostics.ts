import type { Diagnostic } from '../../model/diagnostic.js';
import type { Colors } from '../output.js';

/**
 * `mesh.yaml:12:5 error unknown-key …` with the hint on the next line; where every detail is wanted also the
 * subject, by which a waiver names it.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  colors: Colors,
  isVerbose = false,
): string {
  return diagnostics.map((item) => renderOne(item, colors, isVerbose)).join('\n');
}

function renderOne(item: Diagnostic, colors: Colors, isVerbose: boolean): string {
  const place = item.file
    ? `${[item.file, item.line, item.column].filter((part) => part !== undefined).join(':')} `
    : '';
  const severity = item.severity === 'error' ? colors.red('error') : colors.yellow('warning');
  const head = `${place}${severity} ${item.code} ${item.message}`;
  const hint = item.hint ? [`  ${colors.dim('hint:')} ${item.hint}`] : [];
  const subject =
    isVerbose && item.subject !== undefined ? [`  ${colors.dim('subject:')} ${item.subject}`] : [];
  return [head, ...hint, ...subject].join('\n');
}
