import { type ApplyReport, isToRun, apply as runApply } from '../../apply/apply.js';
import { Recorder } from '../../apply/recorder.js';
import { standingOf } from '../../apply/standing.js';
import type { Survey } from '../../engine/context.js';
import { preflight } from '../../engine/preflight.js';
import { surveySaved } from '../../engine/saved.js';
import { survey, surveyDestroy } from '../../engine/survey.js';
import { ExitCode, MeshplanError } from '../../errors/index.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { Plan } from '../../model/plan.js';
import type { VerifyReport } from '../../model/verify.js';
import { hasChanges } from '../../plan/plan.js';
import { wholeClusters } from '../../plan/whole-clusters.js';
import { requestFor } from '../../saved/request.js';
import type { SavedPlan } from '../../saved/saved-plan.js';
import { acquireLock } from '../../state/index.js';
import { askApproval } from '../approval.js';
import { type PlanFileFlags, type PlanningFlags, stateFileOf } from '../flags.js';
import { onInterrupt } from '../interrupt.js';
import { printNote } from '../output.js';
import { openProgress } from '../progress/report.js';
import { printRequests } from '../render/requests.js';
import { loadDeclaration, type Wired, wire } from '../wiring.js';
import { exitCodeOf } from './plan.js';
import { openPlanFile, refuseForeignPlan, refuseForeignState } from './plan-file.js';
import { announce, keptAfterDestroy, narrowedNote, tellEnd, tellOutcome } from './tell.js';
import { collectEvidence } from './verify.js';

export interface ApplyFlags extends PlanningFlags, PlanFileFlags {
  autoApprove: boolean;
  /** Milliseconds. */
  lockTimeout: number;
}

/** Which way a plan goes. */
export type Verb = 'apply' | 'destroy';

/** `meshplan apply`: plan, ask, apply, verify. */
export const apply = (flags: ApplyFlags): Promise<ExitCode> => carryOut(flags, 'apply');

/** `meshplan destroy`: the same with the plan of removal, and nothing left to verify. */
export const destroy = (flags: ApplyFlags): Promise<ExitCode> => carryOut(flags, 'destroy');

async function carryOut(flags: ApplyFlags, verb: Verb): Promise<ExitCode> {
  if (!flags.autoApprove && !process.stdin.isTTY) throw approvalNeeded(verb);
  const saved = await openPlanFile(flags, verb);
  return saved ? carryOutWith(saved.flags, verb, saved.plan) : carryOutWith(flags, verb);
}

async function carryOutWith(flags: ApplyFlags, verb: Verb, saved?: SavedPlan): Promise<ExitCode> {
  const declaration = await loadDeclaration(flags);
  if (saved) refuseForeignPlan(saved, declaration.mesh.name, flags);
  const lock = await acquireLock(stateFileOf(flags), {
    command: `meshplan ${verb}`,
    waitMs: flags.lockTimeout,
    onHeld: (holder) => printNote(`Waits for the lock, which is held by ${holder}.`),
  });
  try {
    const request = saved && requestFor(saved.request, flags.maxImpact);
    const wired = await wire(flags, declaration, request);
    try {
      return await planAndApply(wired, flags, verb, saved);
    } finally {
      wired.close();
    }
  } finally {
    await lock.release();
  }
}

const QUESTIONS: Record<Verb, string> = {
  apply: 'Apply this plan to',
  destroy: 'Carry out this removal in',
};

const approvalNeeded = (verb: Verb) =>
  new MeshplanError(
    'approval-needed',
    `${verb} asks before it changes anything, and there is no terminal to ask on`,
    { hint: 'Run it on a terminal, or pass --auto-approve (-y).', exitCode: ExitCode.invalid },
  );

/** A survey, with what of a saved plan is stale. */
type Found = Survey & { stale?: Diagnostic[] };

async function look(wired: Wired, flags: ApplyFlags, verb: Verb, saved?: SavedPlan): Promise<Found> {
  if (saved) {
    refuseForeignState(saved, wired.state.state, flags);
    return surveySaved(wired.context, saved, flags);
  }
  return verb === 'apply' ? survey(wired.context) : surveyDestroy(wired.context);
}

async function planAndApply(
  wired: Wired,
  flags: ApplyFlags,
  verb: Verb,
  saved?: SavedPlan,
): Promise<ExitCode> {
  const found = await preflight(wired.context, await look(wired, flags, verb, saved), 'error');
  const { plan } = found;
  announce(plan, flags);
  if (saved && !flags.quiet) printNote(`Saved plan ${flags.planFile}, digest ${saved.digest}`);
  const refused = exitCodeOf(plan, false);
  if (refused === ExitCode.failed || refused === ExitCode.invalid) {
    printNote('Nothing was changed, because of the errors above.');
    return refused;
  }
  if (hasChanges(plan) && !flags.autoApprove) {
    const answer = await askApproval(plan, QUESTIONS[verb]);
    if (answer !== 'yes') {
      printNote(answer === 'no' ? 'Nothing was changed.' : '\nInterrupted. Nothing was changed.');
      return answer === 'no' ? ExitCode.failed : ExitCode.interrupted;
    }
  }
  return carryOutPlan(wired, found, flags, verb);
}

async function carryOutPlan(wired: Wired, found: Found, flags: ApplyFlags, verb: Verb): Promise<ExitCode> {
  const { plan } = found;
  const interrupt = onInterrupt('Finishing what runs, then stopping.');
  try {
    const result = await execute(wired, found, flags, interrupt.signal);
    tellOutcome(plan, result, flags, verb);
    const isSound = result.failures.length === 0 && result.unsaved === undefined;
    const isWhole = plan.complete && isSound && !result.interrupted;
    const report =
      isWhole && verb === 'apply' ? await prove(wired, plan, flags, interrupt.signal) : undefined;
    const isFinished = isSound && ![...result.outcomes.values()].includes('left');
    const standings = isFinished ? [] : await standingOf(wired.context, found.actions, result.facts);
    tellEnd(plan, result, { report, standings }, flags, verb);
    if (isWhole && verb === 'destroy' && !plan.selection && !flags.quiet)
      printNote(await keptAfterDestroy(wired, flags));
    if (flags.verbose) printRequests(wired.context.clusters);
    return interrupt.signal.aborted ? ExitCode.interrupted : endOf(found, result, report);
  } finally {
    interrupt.done();
  }
}

/** The evidence for what was applied; undefined where Ctrl-C came first, or the plan was too partial. */
async function prove(
  wired: Wired,
  plan: Plan,
  flags: ApplyFlags,
  signal: AbortSignal,
): Promise<VerifyReport | undefined> {
  const clusters = wholeClusters(plan, wired.mesh.clusters);
  if (clusters.length < wired.mesh.clusters.length) printNote(narrowedNote(clusters));
  if (clusters.length === 0) return undefined;
  try {
    return await collectEvidence(wired, signal, settleTime(flags), clusters);
  } catch (error) {
    if (!signal.aborted) throw error;
    printNote('Interrupted before the mesh was verified; meshplan verify does that alone.');
    return undefined;
  }
}

/**
 * How long evidence may still come right: istiod writes some of it a moment after it has started, and up
 * to half a minute later where the one before it kept its lease. A sound mesh waits for nothing.
 */
const settleTime = ({ timeout = 60_000 }: ApplyFlags): number => Math.min(timeout, 60_000);

async function execute(
  wired: Wired,
  found: Survey,
  flags: ApplyFlags,
  signal: AbortSignal,
): Promise<ApplyReport> {
  const recorder = new Recorder(wired.state);
  await recorder.identify(found.plan.clusters.filter((cluster) => cluster.reachable));
  const actions = found.plan.actions.filter((action) => isToRun(action, found));
  const progress = await openProgress(actions, flags);
  try {
    return await runApply(wired.context, found, {
      parallelism: flags.parallelism,
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
      signal,
      onEvent: (event) => progress.onEvent(event),
      recorder,
    });
  } finally {
    // Live progress would otherwise go on for ever after a state that cannot be saved.
    await progress.end();
  }
}

function endOf({ plan, stale = [] }: Found, result: ApplyReport, report: VerifyReport | undefined): ExitCode {
  if (result.failures.length > 0 || result.unsaved || report?.ok === false) return ExitCode.failed;
  if (stale.length > 0) return ExitCode.invalid;
  return plan.complete ? ExitCode.done : ExitCode.incomplete;
}
