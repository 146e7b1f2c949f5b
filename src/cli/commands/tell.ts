import { join } from 'node:path';
import type { ApplyReport } from '../../apply/apply.js';
import { MeshplanError, messageOf } from '../../errors/index.js';
import type { Plan } from '../../model/plan.js';
import type { VerifyReport } from '../../model/verify.js';
import { hasChanges } from '../../plan/plan.js';
import { stateFileOf } from '../flags.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { renderOutcome, summaryOf } from '../render/outcome.js';
import { renderPlan } from '../render/plan-text.js';
import { renderVerify, verdictOf } from '../render/verify-text.js';
import type { Wired } from '../wiring.js';
import type { ApplyFlags, Verb } from './apply.js';
import { showDiagnostics, showPlan } from './plan.js';

/** Shows what is about to be done. Programs get events on stdout, but who is asked must see the plan. */
export function announce(plan: Plan, flags: ApplyFlags): void {
  // Nobody is asked, and what was done is told at the end.
  const isShort = flags.quiet && flags.autoApprove;
  if (flags.output === 'text' && !isShort) {
    showPlan(plan, flags);
    return;
  }
  showDiagnostics(plan, flags);
  if (flags.autoApprove) return;
  printNote(renderPlan(plan, { colors: colorsFor(process.stderr, flags.color), verbose: flags.verbose }));
}

export function tellOutcome(plan: Plan, result: ApplyReport, flags: ApplyFlags, verb: Verb): void {
  const colors = colorsFor(process.stdout, flags.color);
  if (flags.output === 'text' && (hasChanges(plan) || flags.quiet)) {
    printResult(renderOutcome(plan, result, verb, colors));
  }
  for (const { action, error } of result.failures) {
    const hint = error instanceof MeshplanError && error.hint ? `\n  hint: ${error.hint}` : '';
    printNote(`${action}: ${messageOf(error)}${hint}`);
  }
}

/** The evidence for people, or the one last line for programs. */
export function tellEnd(result: ApplyReport, report: VerifyReport | undefined, flags: ApplyFlags): void {
  if (flags.output === 'text') {
    if (report) printResult(`\n${renderVerify(report, colorsFor(process.stdout, flags.color), flags.quiet)}`);
    return;
  }
  const message = [summaryOf(result), ...(report ? [verdictOf(report)] : [])].join('; ');
  printResult(JSON.stringify({ time: new Date().toISOString(), type: 'summary', message }));
  for (const check of report?.checks ?? []) {
    if (check.status === 'fail') printNote(`${check.cluster ?? ''} ${check.claim}: ${check.evidence}`);
  }
}

/** What a removal leaves on this machine, so that the next apply makes the same mesh again. */
export function keptAfterDestroy({ mesh, loaded }: Wired, flags: ApplyFlags): string {
  const root =
    mesh.trust.source === 'generated'
      ? ` and the root key, by default in ${join(loaded.folder, '.meshplan', 'ca', mesh.name)}`
      : '';
  return `Kept on this machine: the state file ${stateFileOf(flags)}${root}.`;
}
