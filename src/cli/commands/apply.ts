import { createInterface } from 'node:readline/promises';
import { apply as runApply } from '../../apply/apply.js';
import { Recorder } from '../../apply/recorder.js';
import type { Survey } from '../../engine/context.js';
import { survey, surveyDestroy } from '../../engine/survey.js';
import { ExitCode, MeshplanError, messageOf } from '../../errors/index.js';
import type { ApplyResult } from '../../model/events.js';
import type { Plan } from '../../model/plan.js';
import { hasChanges } from '../../plan/plan.js';
import { acquireLock } from '../../state/index.js';
import { type ClusterFlags, stateFileOf } from '../flags.js';
import { onInterrupt } from '../interrupt.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { openProgress } from '../progress/report.js';
import { renderOutcome } from '../render/outcome.js';
import { printRequests } from '../render/requests.js';
import { type Wired, wire } from '../wiring.js';
import { exitCodeOf, showDiagnostics, showPlan } from './plan.js';
import { verifyWired } from './verify.js';

export interface ApplyFlags extends ClusterFlags {
  autoApprove: boolean;
}

/** `meshplan apply`: plan, ask, apply, verify. */
export const apply = (flags: ApplyFlags): Promise<ExitCode> => carryOut(flags, 'apply');

/** `meshplan destroy`: the same with the plan of removal, and nothing left to verify. */
export const destroy = (flags: ApplyFlags): Promise<ExitCode> => carryOut(flags, 'destroy');

async function carryOut(flags: ApplyFlags, command: 'apply' | 'destroy'): Promise<ExitCode> {
  if (!flags.autoApprove && !process.stdin.isTTY) {
    throw new MeshplanError(
      'approval-needed',
      `${command} asks before it changes anything, and there is no terminal to ask on`,
      {
        hint: 'Run it on a terminal, or pass --auto-approve (-y).',
        exitCode: ExitCode.invalid,
      },
    );
  }
  const lock = await acquireLock(stateFileOf(flags), { command: `meshplan ${command}` });
  try {
    const wired = await wire(flags);
    try {
      return await planAndApply(wired, flags, command);
    } finally {
      wired.close();
    }
  } finally {
    await lock.release();
  }
}

async function planAndApply(
  wired: Wired,
  flags: ApplyFlags,
  command: 'apply' | 'destroy',
): Promise<ExitCode> {
  const found = command === 'apply' ? await survey(wired.context) : await surveyDestroy(wired.context);
  const { plan } = found;
  if (flags.output === 'json') showDiagnostics(plan, flags);
  else showPlan(plan, flags);
  const refused = exitCodeOf(plan, false);
  if (refused === ExitCode.failed || refused === ExitCode.invalid) {
    printNote('Nothing was changed, because of the errors above.');
    return refused;
  }
  if (hasChanges(plan) && !flags.autoApprove && !(await isApproved(plan, command))) {
    printNote('Nothing was changed.');
    return ExitCode.failed;
  }
  const interrupt = onInterrupt('Finishing what runs, then stopping.');
  try {
    const result = await execute(wired, found, flags, interrupt.signal);
    if (flags.verbose) printRequests(wired.context.clusters);
    return await conclude(wired, plan, result, flags, command, interrupt.signal);
  } finally {
    interrupt.done();
  }
}

async function execute(
  wired: Wired,
  found: Survey,
  flags: ApplyFlags,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const recorder = new Recorder(wired.state);
  if (hasChanges(found.plan)) {
    await recorder.identify(found.plan.clusters.filter((cluster) => cluster.reachable));
  }
  const progress = await openProgress(found.plan.actions, flags);
  const result = await runApply(wired.context, found, {
    parallelism: flags.parallelism,
    timeoutMs: flags.timeout,
    signal,
    onEvent: (event) => progress.onEvent(event),
    recorder,
  });
  await progress.end();
  return result;
}

async function conclude(
  wired: Wired,
  plan: Plan,
  result: ApplyResult,
  flags: ApplyFlags,
  command: 'apply' | 'destroy',
  signal: AbortSignal,
): Promise<ExitCode> {
  const colors = colorsFor(process.stdout, flags.color);
  if (flags.output === 'text' && hasChanges(plan)) printResult(renderOutcome(plan, result, command, colors));
  for (const { action, error } of result.failures) {
    const hint = error instanceof MeshplanError && error.hint ? `\n  hint: ${error.hint}` : '';
    printNote(`${action}: ${messageOf(error)}${hint}`);
  }
  if (result.interrupted) return ExitCode.interrupted;
  if (!plan.complete) return ExitCode.incomplete;
  if (result.failures.length > 0) return ExitCode.failed;
  return command === 'apply' ? verifyWired(wired, flags, signal) : ExitCode.done;
}

async function isApproved(plan: Plan, command: 'apply' | 'destroy'): Promise<boolean> {
  const clusters = plan.clusters.map(
    (cluster) => `  ${cluster.name}  ${cluster.server}  ${cluster.uid || 'not read'}`,
  );
  const verb = command === 'apply' ? 'Apply this plan to' : 'Remove the mesh from';
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(
      `\n${verb} these clusters?\n${clusters.join('\n')}\nOnly 'yes' is taken: `,
    );
    return answer.trim() === 'yes';
  } finally {
    prompt.close();
  }
}
