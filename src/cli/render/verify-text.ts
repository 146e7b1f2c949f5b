import { TRAFFIC_REQUEST } from '../../model/traffic.js';
import type { Check, CheckStatus, VerifyReport } from '../../model/verify.js';
import type { Colors } from '../output.js';
import { listProxies, renderProxies } from './proxies-text.js';
import { renderMatrix } from './traffic-text.js';

/** Columns where no terminal says how many it has. */
const WIDTH = 120;

const SIGNS: Record<CheckStatus, string> = { pass: '✓', warn: '!', fail: '✗', skip: '-' };

export interface VerifyTextOptions {
  /** Checks that pass are only counted, and proxies not at all. */
  quiet?: boolean;
  /** Names every proxy, not only those that are not synced. */
  verbose?: boolean;
}

/** The checks with their evidence, the proxies of the clusters side by side, and the verdict. */
export function renderVerify(
  report: VerifyReport,
  colors: Colors,
  { quiet = false, verbose = false }: VerifyTextOptions = {},
): string {
  const width = process.stdout.columns ?? WIDTH;
  const shown = report.checks.filter((check) => isShown(check, report, quiet));
  const named = listProxies(report.proxies, verbose);
  const text = verdictOf(report);
  const parts = [
    shown.flatMap((check) => renderCheck(check, colors)),
    quiet ? [] : renderProxies(report.proxies, colors, width),
    quiet ? [] : named,
    report.traffic ? [renderMatrix(report.traffic, colors, width)] : [],
    [report.ok ? colors.green(text) : colors.red(text)],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
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

export function renderCheck(check: Check, colors: Colors): string[] {
  const paint = { pass: colors.green, warn: colors.yellow, fail: colors.red, skip: colors.dim }[check.status];
  const where = check.cluster ? `${check.cluster}: ` : '';
  const evidence = check.evidence.split('\n').map((line) => `    ${colors.dim(line)}`);
  const lines = [`${paint(SIGNS[check.status])} ${where}${check.claim}`, ...evidence];
  if (check.hint && check.status !== 'pass') lines.push(`    hint: ${check.hint}`);
  return lines;
}
