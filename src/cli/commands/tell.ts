import { join } from 'node:path';
import type { ApplyReport } from '../../apply/apply.js';
import { MeshplanError, messageOf } from '../../errors/index.js';
import { caFolderOf } from '../../model/names.js';
import type { Plan } from '../../model/plan.js';
import type { Standing } from '../../model/standing.js';
import type { VerifyReport } from '../../model/verify.js';
import { hasChanges } from '../../plan/plan.js';
import { stateFileOf } from '../flags.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { renderOutcome, summaryOf } from '../render/outcome.js';
import { renderPlan } from '../render/plan-text.js';
import { renderStanding, standingToJson } from '../render/standing.js';
import { renderVerify, verdictOf } from '../render/verify-text.js';
import type { Wired } from '../wiring.js';
import type { CarryFlags, Verb } from './carry-out.js';
import { showDiagnostics, showPlan } from './plan.js';

/** Shows what is about to be done. Programs get events on stdout, but who is asked must see the plan. */
export function announce(plan: Plan, flags: CarryFlags): void {
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

export function tellOutcome(plan: Plan, result: ApplyReport, flags: CarryFlags, verb: Verb): void {
  const colors = colorsFor(process.stdout, flags.color);
  const isWorthIt = hasChanges(plan) || flags.quiet || result.failures.length > 0;
  if (flags.output === 'text' && isWorthIt) {
    printResult(renderOutcome(plan, result, verb, colors));
  }
  for (const { action, error } of result.failures) printNote(`${action}: ${withHint(error)}`);
  if (result.unsaved !== undefined) printNote(`not written down: ${withHint(result.unsaved)}`);
}

const withHint = (error: unknown) =>
  error instanceof MeshplanError && error.hint
    ? `${messageOf(error)}\n  hint: ${error.hint}`
    : messageOf(error);

/** What is told last: the evidence, or how the mesh stands after a run that did not finish. */
export interface Ending {
  report: VerifyReport | undefined;
  standings: Standing[];
}

/** The evidence for people, or the one last line for programs. */
export function tellEnd(
  plan: Plan,
  result: ApplyReport,
  { report, standings }: Ending,
  flags: CarryFlags,
  verb: Verb,
): void {
  if (flags.output === 'text') {
    const colors = colorsFor(process.stdout, flags.color);
    // Where nothing was changed and all is well, the verdict says enough.
    const isBrief = flags.quiet || (report?.ok === true && !hasChanges(plan) && !flags.verbose);
    if (report) printResult(`\n${renderVerify(report, colors, { quiet: isBrief, verbose: flags.verbose })}`);
    if (standings.length > 0) printResult(`\n${renderStanding(plan, result, standings, verb, colors)}`);
    return;
  }
  const message = [summaryOf(result), ...(report ? [verdictOf(report)] : [])].join('; ');
  const standing = standings.length > 0 ? standingToJson(plan, result, standings) : {};
  printResult(JSON.stringify({ time: new Date().toISOString(), type: 'summary', message, ...standing }));
  for (const check of report?.checks ?? []) {
    if (check.status === 'fail') printNote(`${check.cluster ?? ''} ${check.claim}: ${check.evidence}`);
  }
}

/** What of the mesh can be claimed to work after a plan that was applied in part. */
export function narrowedNote(clusters: readonly { name: string }[]): string {
  if (clusters.length === 0)
    return 'Not verified: every cluster lacks something that was not selected. meshplan verify looks at all.';
  const names = clusters.map((cluster) => cluster.name).join(', ');
  return `Only ${names} ${clusters.length === 1 ? 'is' : 'are'} verified: the other clusters lack something that was not selected.`;
}

/** What a removal leaves on this machine, so that the next apply makes the same mesh again. */
export async function keptAfterDestroy({ mesh, loaded, context }: Wired, flags: CarryFlags): Promise<string> {
  // A mesh that was adopted has its root elsewhere.
  const isHere = await context.trust.localRoot();
  const root =
    mesh.trust.source === 'generated' && isHere
      ? ` and the root key, by default in ${join(loaded.folder, caFolderOf(mesh))}`
      : '';
  return `Kept on this machine: the state file ${stateFileOf(flags)}${root}.`;
}
