import { setMaxListeners } from 'node:events';
import type { Context, Survey } from '../engine/context.js';
import { MeshplanError } from '../errors/index.js';
import type { ActionOutcome, ApplyResult, OnApplyEvent } from '../model/events.js';
import type { Facts } from '../model/facts.js';
import { isUnread, type PlannedAction } from '../model/plan.js';
import { wantedIn } from '../plan/select.js';
import { Narrator } from './narrator.js';
import { ActionRunner } from './runner.js';
import { runGraph, type ScheduleResult } from './schedule.js';
import { type Changes, type RunRecorder, Tally } from './tally.js';

export interface ApplyOptions {
  parallelism: number;
  /** Milliseconds that each action may take; left out, each of its waits has a default of its own. */
  timeoutMs?: number;
  /** When it fires, running actions end and nothing new begins. */
  signal: AbortSignal;
  onEvent: OnApplyEvent;
  recorder: RunRecorder;
}

/** How an apply ended, and what it changed. */
export interface ApplyReport extends ApplyResult {
  changes: Changes;
  /** By the id of an action that was skipped: the one that failed or is blocked, however far before it. */
  skippedFor: Map<string, string>;
  /** What is known at the end. */
  facts: Facts;
  /** Why the run could not be written down as a whole; what it did is done all the same. */
  unsaved?: unknown;
}

/**
 * Carries out a plan along its graph. Nothing is thrown: what an action fails with is in the result, as is
 * what keeps the run from being written down (`state-unwritable`, `state-changed`, `journal-unwritable`).
 * Once the journal cannot be written, nothing new begins.
 */
export async function apply(context: Context, survey: Survey, options: ApplyOptions): Promise<ApplyReport> {
  const { plan } = survey;
  // Every wait listens, and there may be many at a time.
  setMaxListeners(0, options.signal);
  const tally = new Tally(survey.observations.objects);
  const recorder = tally.watch(options.recorder);
  const narrator = new Narrator(plan.actions, options.onEvent);
  const runner = new ActionRunner(context, survey, { ...options, recorder }, narrator);
  const blind = new AbortController();
  const scheduled = await runGraph(plan.actions, {
    parallelism: options.parallelism,
    signal: AbortSignal.any([options.signal, blind.signal]),
    run: (action) =>
      runOne(action, survey, runner, narrator).catch((error: unknown) => {
        if (isUnrecorded(error)) blind.abort();
        throw error;
      }),
    onSkipped: (action, because) => narrator.skipped(action, because),
  });
  const unsaved = await recorder.finish(plan, survey.unfinished).then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    outcomes: new Map(plan.actions.map((action) => [action.id, outcomeOf(action, scheduled)])),
    failures: [...scheduled.failed]
      .filter(([, error]) => !(error instanceof BlockedError))
      .map(([action, error]) => ({ action, error })),
    interrupted: options.signal.aborted,
    changed: runner.changed,
    changes: tally.changes(plan.actions.filter((action) => scheduled.done.has(action.id))),
    skippedFor: narrator.skippedFor,
    facts: runner.facts,
    ...(unsaved === undefined ? {} : { unsaved }),
  };
}

const isUnrecorded = (error: unknown) =>
  error instanceof MeshplanError && error.code === 'journal-unwritable';

/** An action that the plan already knew could not be done. */
class BlockedError extends MeshplanError {}

function outcomeOf(action: PlannedAction, scheduled: ScheduleResult): ActionOutcome {
  const error = scheduled.failed.get(action.id);
  if (error !== undefined && !(error instanceof BlockedError)) return 'failed';
  if (action.change === 'noop') return 'unchanged';
  if (scheduled.done.has(action.id)) return 'done';
  return scheduled.left.has(action.id) ? 'left' : 'skipped';
}

/** What an earlier run did not see come is waited for, though nothing of it changes. */
export function isToRun(
  action: PlannedAction,
  { plan, unfinished = new Map() }: Pick<Survey, 'plan' | 'unfinished'>,
): boolean {
  if (action.change !== 'noop') return true;
  if (action.reason !== 'in-sync' || unfinished.size === 0) return false;
  const isWanted = wantedIn(plan);
  return action.objects.some(({ address }) => unfinished.has(address) && isWanted(address));
}

async function runOne(
  action: PlannedAction,
  survey: Survey,
  runner: ActionRunner,
  narrator: Narrator,
): Promise<void> {
  if (!isToRun(action, survey)) return action.kind === 'workload' ? runner.resume(action) : undefined;
  const begun = performance.now();
  if (action.change === 'blocked' || isUnread(action.reason)) {
    const why = blockedMessage(action);
    narrator.blocked(action, why);
    throw new BlockedError('action-blocked', why);
  }
  narrator.started(action);
  const took = () => Math.round(performance.now() - begun);
  try {
    narrator.done(action, await runner.run(action), took());
  } catch (error) {
    narrator.failed(action, error, took());
    throw error;
  }
}

const blockedMessage = (action: PlannedAction) =>
  isUnread(action.reason) ? 'undecided, for what decides it could not be read' : `blocked: ${action.reason}`;
