import { matcher } from '../match/globs.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { LintPolicy, LintWaiver, WaivedFinding } from '../model/lint.js';
import { inOrder } from './order.js';
import { DISPROVABLE_RULES, LINT_RULES, LIVE_RULES, type LintRule } from './rules.js';

/** What findings are judged by. */
export interface Court {
  policy: LintPolicy;
  /** What time it is; days of waivers are days of UTC. */
  now: Date;
  /** Whether all clusters were asked, and answered: else nothing can be said of a waiver for a rule that needs them. */
  isLive: boolean;
  /** Takes warnings for errors. */
  isStrict: boolean;
  /** Findings that the clusters prove wrong. They are not told, but a waiver for them has its use. */
  withdrawn?: ReadonlySet<Diagnostic>;
}

/** What is left to tell, and what waivers keep back. */
export interface Verdict {
  diagnostics: Diagnostic[];
  waived: WaivedFinding[];
}

/**
 * Gives each finding of a lint rule the severity that mesh.yaml wants, takes out what is waived, and tells of
 * waivers that have ended or fit nothing. Findings that are of no lint rule pass as they are.
 */
export function judge(found: readonly Diagnostic[], court: Court): Verdict {
  const { policy, withdrawn, isStrict } = court;
  const today = dayOf(court.now);
  const told = found.flatMap((item) => withSeverity(item, policy));
  const lints = told.filter(isLint);
  const fits = new Map(policy.waivers.map((waiver) => [waiver, lints.filter(fitting(waiver))] as const));
  const waiverOf = (item: Weighed) =>
    policy.waivers.find((waiver) => waiver.expires >= today && fits.get(waiver)?.includes(item));
  const diagnostics: Diagnostic[] = [];
  const waived: WaivedFinding[] = [];
  for (const item of told.filter(({ origin }) => !withdrawn?.has(origin))) {
    const waiver = waiverOf(item);
    const { origin: _, severity, ...finding } = item;
    if (waiver === undefined) diagnostics.push({ severity, ...finding });
    else waived.push({ ...finding, waiver: { reason: waiver.reason, expires: waiver.expires } });
  }
  // Beside mistakes of the input a rule may be silent for them alone.
  const isSound = told.every((item) => isLint(item) || item.severity !== 'error');
  for (const [waiver, fitted] of fits) {
    if (fitted.length > 0 || isSound) diagnostics.push(...faultOf(waiver, fitted, lints, court));
  }
  const strict = diagnostics.map((item) => (isStrict ? { ...item, severity: 'error' as const } : item));
  return { diagnostics: inOrder(strict), waived: inOrder(waived) };
}

const dayOf = (time: Date) => time.toISOString().slice(0, 10);

/** Whether a lint rule found it. */
export const isLint = ({ code, subject }: Pick<Diagnostic, 'code' | 'subject'>): boolean =>
  subject !== undefined && Object.hasOwn(LINT_RULES, code);

/** Whether the clusters may prove it wrong. */
export const isDisprovable = (item: Diagnostic): boolean =>
  isLint(item) && DISPROVABLE_RULES.has(item.code as LintRule);

type Weighed = Diagnostic & { origin: Diagnostic };

function withSeverity(origin: Diagnostic, { severities }: LintPolicy): Weighed[] {
  const wanted = isLint(origin) ? severities[origin.code] : undefined;
  if (wanted === 'off') return [];
  return [{ ...origin, ...(wanted ? { severity: wanted } : {}), origin }];
}

function fitting({ rule, subject }: LintWaiver): (item: Diagnostic) => boolean {
  const matches = subject === undefined ? () => true : matcher(subject);
  return (item) => item.code === rule && matches(item.subject ?? '');
}

/** What is to be said of a waiver itself. */
function faultOf(waiver: LintWaiver, fits: Diagnostic[], lints: Diagnostic[], court: Court): Diagnostic[] {
  const { rule, subject, expires, source, expiresAt } = waiver;
  if (fits.length > 0) {
    if (expires >= dayOf(court.now)) return [];
    const message = `this waiver of \`${rule}\` ended on ${expires}, so what it kept back is told again`;
    const hint = 'mend what it was for and take it out, or agree on a later day';
    return [{ severity: 'warning', code: 'waiver-expired', message, hint, ...expiresAt }];
  }
  if (LIVE_RULES.has(rule as LintRule) && !court.isLive) return [];
  const message =
    subject === undefined
      ? `\`${rule}\` finds nothing, so this waiver waives nothing`
      : `\`${rule}\` finds nothing about \`${subject}\`, so this waiver waives nothing`;
  return [
    { severity: 'warning', code: 'waiver-unused', message, hint: hintFor(waiver, lints, court), ...source },
  ];
}

function hintFor({ rule }: LintWaiver, lints: Diagnostic[], { policy }: Court): string {
  if (policy.severities[rule] === 'off') return 'take it out: `severities` turns the rule off';
  const subjects = [...new Set(lints.flatMap(({ code, subject }) => (code === rule ? (subject ?? []) : [])))];
  if (subjects.length === 0) return 'take it out';
  return `the subjects of its findings: ${subjects.map((name) => `\`${name}\``).join(', ')}`;
}
