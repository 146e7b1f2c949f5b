import { preflight } from '../../engine/preflight.js';
import { withProof } from '../../engine/proof.js';
import { survey, surveyDestroy } from '../../engine/survey.js';
import { ExitCode } from '../../errors/index.js';
import type { Plan } from '../../model/plan.js';
import { hasChanges } from '../../plan/plan.js';
import { planToJson } from '../../plan/plan-json.js';
import type { PlanningFlags } from '../flags.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { readEvidence } from '../proof.js';
import { renderDiagnostics } from '../render/diagnostics.js';
import { planToMarkdown } from '../render/markdown.js';
import { renderPlan } from '../render/plan-text.js';
import { printRequests } from '../render/requests.js';
import { wire } from '../wiring.js';
import { writePlanFile } from './plan-file.js';

export interface PlanFlags extends PlanningFlags {
  destroy: boolean;
  detailedExitcode: boolean;
  /** Where the plan is saved. */
  out?: string;
}

/** `meshplan plan`: what an apply or destroy would do. */
export async function plan(flags: PlanFlags): Promise<ExitCode> {
  const { destroy, detailedExitcode, out } = flags;
  const wired = await wire(flags);
  try {
    const seen = destroy ? await surveyDestroy(wired.context) : await survey(wired.context);
    const checked = await preflight(wired.context, seen, 'warning');
    const found = destroy
      ? checked
      : await withProof(wired.context, checked, await readEvidence(wired), 'warning');
    showPlan(found.plan, flags);
    if (out !== undefined) await writePlanFile(out, wired, found, flags);
    if (flags.verbose) printRequests(wired.context.clusters);
    return exitCodeOf(found.plan, detailedExitcode && hasChanges(found.plan));
  } finally {
    wired.close();
  }
}

/** Prints a plan in the wanted format; findings go to stderr where the format has no place for them. */
export function showPlan(plan: Plan, flags: PlanningFlags): void {
  if (flags.output === 'json') {
    printResult(JSON.stringify(planToJson(plan), null, 2));
    return;
  }
  if (flags.output === 'markdown') {
    printResult(planToMarkdown(plan));
    return;
  }
  showDiagnostics(plan, flags);
  printResult(renderPlan(plan, { colors: colorsFor(process.stdout, flags.color), verbose: flags.verbose }));
}

export function showDiagnostics({ diagnostics }: Plan, flags: PlanningFlags): void {
  const shown = flags.quiet ? diagnostics.filter((item) => item.severity === 'error') : diagnostics;
  if (shown.length > 0)
    printNote(renderDiagnostics(shown, colorsFor(process.stderr, flags.color), flags.verbose));
}

/** 1 before 3 before 4 before 2, as the contract orders them. */
export function exitCodeOf(plan: Plan, differs: boolean): ExitCode {
  const errors = plan.diagnostics.filter((item) => item.severity === 'error');
  // An error at a place in mesh.yaml is mended there; any other lies in the clusters.
  if (errors.some((item) => item.file === undefined)) return ExitCode.failed;
  if (errors.length > 0) return ExitCode.invalid;
  if (!plan.complete) return ExitCode.incomplete;
  return differs ? ExitCode.changes : ExitCode.done;
}
