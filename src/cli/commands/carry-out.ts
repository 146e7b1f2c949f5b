import { type ApplyReport, isToRun, apply as runApply } from '../../apply/apply.js';
import { Recorder } from '../../apply/recorder.js';
import { standingOf } from '../../apply/standing.js';
import type { Survey } from '../../engine/context.js';
import { preflight } from '../../engine/preflight.js';
import { withProof } from '../../engine/proof.js';
import { ExitCode } from '../../errors/index.js';
import type { Diagnostic, Severity } from '../../model/diagnostic.js';
import type { Plan } from '../../model/plan.js';
import type { VerifyReport } from '../../model/verify.js';
import { hasChanges } from '../../plan/plan.js';
import { wholeClusters } from '../../plan/whole-clusters.js';
import { acquireLock } from '../../state/index.js';
import { askApproval } from '../approval.js';
import { type PlanningFlags, stateFileOf } from '../flags.js';
import { onInterrupt } from '../interrupt.js';
import { printNote } from '../output.js';
import { openProgress } from '../progress/report.js';
import { readEvidence, writeReport } from '../proof.js';
import { printRequests } from '../render/requests.js';
import type { Wired } from '../wiring.js';
import { exitCodeOf } from './plan.js';
import { keptAfterDestroy, narrowedNote, tellEnd, tellOutcome } from './tell.js';
import { collectEvidence } from './verify.js';

/** What each command is told that carries out a plan. */
export interface CarryFlags extends PlanningFlags {
  autoApprove: boolean;
  /** Milliseconds. */
  lockTimeout: number;
  /** Where what was proved is written; of `apply` alone. */
  report?: string;
}

/** Which way a plan goes. */
export type Verb = 'apply' | 'destroy';

/** A survey, with what of a saved plan is stale. */
export type Found = Survey & { stale?: Diagnostic[] };

/** What is carried out, and what is said of it before. */
export interface Errand {
  verb: Verb;
  /** Reads the clusters. */
  look(): Promise<Found>;
  /** Shows what is about to be done. */
  announce(plan: Plan): void;
  /** How it is taken that the environment's `requires` is not fulfilled; left out: it is not asked. */
  proof?: Severity;
  /** What is asked, before the clusters are named: `Apply this plan to`. */
  question: string;
  /** What is done once it may be, before any cluster is touched. */
  begin?(): Promise<void>;
}

/** Runs something as the only one that changes this mesh; `command` is how others see who it is. */
export async function underLock<T>(flags: CarryFlags, command: string, run: () => Promise<T>): Promise<T> {
  const lock = await acquireLock(stateFileOf(flags), {
    command,
    waitMs: flags.lockTimeout,
    onHeld: (holder) => printNote(`Waits for the lock, which is held by ${holder}.`),
  });
  try {
    return await run();
  } finally {
    await lock.release();
  }
}

/** Plans, asks, applies and verifies. */
export async function carryOut(wired: Wired, flags: CarryFlags, errand: Errand): Promise<ExitCode> {
  const { question, proof } = errand;
  const checked = await preflight(wired.context, await errand.look(), 'error');
  const found = proof ? await withProof(wired.context, checked, await readEvidence(wired), proof) : checked;
  const { plan } = found;
  errand.announce(plan);
  const refused = exitCodeOf(plan, false);
  if (refused === ExitCode.failed || refused === ExitCode.invalid) {
    printNote('Nothing was changed, because of the errors above.');
    return refused;
  }
  if (hasChanges(plan) && !flags.autoApprove) {
    const answer = await askApproval(plan, question);
    if (answer !== 'yes') {
      printNote(answer === 'no' ? 'Nothing was changed.' : '\nInterrupted. Nothing was changed.');
      return answer === 'no' ? ExitCode.failed : ExitCode.interrupted;
    }
  }
  return carryOutPlan(wired, found, flags, errand);
}

async function carryOutPlan(
  wired: Wired,
  found: Found,
  flags: CarryFlags,
  { verb, begin }: Errand,
): Promise<ExitCode> {
  const { plan } = found;
  const interrupt = onInterrupt('Finishing what runs, then stopping.');
  try {
    await begin?.();
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
    const isProved =
      flags.report === undefined || (await writeReport(flags.report, wired, plan, report, flags));
    return interrupt.signal.aborted ? ExitCode.interrupted : endOf(found, result, report, isProved);
  } finally {
    interrupt.done();
  }
}

/** The evidence for what was applied; undefined where Ctrl-C came first, or the plan was too partial. */
async function prove(
  wired: Wired,
  plan: Plan,
  flags: CarryFlags,
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
const settleTime = ({ timeout = 60_000 }: CarryFlags): number => Math.min(timeout, 60_000);

async function execute(
  wired: Wired,
  found: Survey,
  flags: CarryFlags,
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

function endOf(
  { plan, stale = [] }: Found,
  result: ApplyReport,
  report: VerifyReport | undefined,
  isProved: boolean,
): ExitCode {
  if (result.failures.length > 0 || result.unsaved || report?.ok === false) return ExitCode.failed;
  if (stale.length > 0) return ExitCode.invalid;
  if (!plan.complete) return ExitCode.incomplete;
  return isProved ? ExitCode.done : ExitCode.failed;
}
