import { TRAFFIC_REQUEST } from '../../model/traffic.js';
import type { Check, CheckStatus, VerifyReport } from '../../model/verify.js';
import type { Colors } from '../output.js';
import { renderMatrix } from './traffic-text.js';

/** Columns where no terminal says how many it has. */
const WIDTH = 120;

const SIGNS: Record<CheckStatus, string> = { pass: '✓', warn: '!', fail: '✗', skip: '-' };

/** The checks with their evidence, and the verdict. With `quiet` those that pass are only counted. */
export function renderVerify(report: VerifyReport, colors: Colors, quiet = false): string {
  const shown = report.checks.filter((check) => isShown(check, report, quiet));
  const told = shown.flatMap((check) => renderCheck(check, colors));
  const matrix = report.traffic
    ? [renderMatrix(report.traffic, colors, process.stdout.columns ?? WIDTH)]
    : [];
  const lines = [...told, ...(told.length > 0 && matrix.length > 0 ? [''] : []), ...matrix];
  const text = verdictOf(report);
  const verdict = report.ok ? colors.green(text) : colors.red(text);
  return [...lines, ...(lines.length > 0 ? [''] : []), verdict].join('\n');
}

/** Requests that went well are in the matrix. */
function isShown({ id, status }: Check, { traffic }: VerifyReport, quiet: boolean): boolean {
  if (status === 'fail' || status === 'warn') return true;
  return !quiet && !(traffic && id === TRAFFIC_REQUEST && status === 'pass');
}

/** The outcome of all checks in one line. */
export function verdictOf(report: VerifyReport): string {
  const count = (status: CheckStatus) => report.checks.filter((check) => check.status === status).length;
  const parts = [`${count('pass')} passed`, `${count('fail')} failed`];
  if (count('warn') > 0) parts.push(`${count('warn')} with a warning`);
  if (count('skip') > 0) parts.push(`${count('skip')} skipped`);
  return `${report.ok ? 'The mesh works.' : 'The mesh does not work.'} Checks: ${parts.join(', ')}.`;
}

function renderCheck(check: Check, colors: Colors): string[] {
  const paint = { pass: colors.green, warn: colors.yellow, fail: colors.red, skip: colors.dim }[check.status];
  const where = check.cluster ? `${check.cluster}: ` : '';
  const evidence = check.evidence.split('\n').map((line) => `    ${colors.dim(line)}`);
  const lines = [`${paint(SIGNS[check.status])} ${where}${check.claim}`, ...evidence];
  if (check.hint && check.status !== 'pass') lines.push(`    hint: ${check.hint}`);
  return lines;
}
