import type { Context, Survey } from '../engine/context.js';
import { MeshplanError, messageOf } from '../errors/index.js';
import type { ActionOutcome, ApplyEvent, ApplyResult, OnApplyEvent } from '../model/events.js';
import type { PlannedAction } from '../model/plan.js';
import { ActionRunner } from './runner.js';
import { runGraph, type ScheduleResult } from './schedule.js';
import { type Changes, type RunRecorder, Tally } from './tally.js';

export interface ApplyOptions {
  parallelism: number;
  /** Milliseconds that each wait may take. */
  timeoutMs: number;
  /** When it fires, running actions end and nothing new begins. */
  signal: AbortSignal;
  onEvent: OnApplyEvent;
  recorder: RunRecorder;
}

/** How an apply ended, and what it changed. */
export interface ApplyReport extends ApplyResult {
  changes: Changes;
}

/**
 * Carries out a plan along its graph. What an action fails with is in the result. Thrown is only what
 * keeps the run from being written down: `state-unwritable`, `state-changed`, `journal-unwritable`.
 */
export async function apply(context: Context, survey: Survey, options: ApplyOptions): Promise<ApplyReport> {
  const { plan } = survey;
  const tally = new Tally(survey.observations.objects);
  const recorder = tally.watch(options.recorder);
  const emit = (event: Omit<ApplyEvent, 'time'>) =>
    options.onEvent({ time: new Date().toISOString(), ...event });
  const runner = new ActionRunner(context, survey, { ...options, recorder }, emit);
  const scheduled = await runGraph(plan.actions, {
    parallelism: options.parallelism,
    signal: options.signal,
    run: (action) => runOne(action, runner, emit),
    onSkipped: (action, because) => {
      if (action.change !== 'noop')
        emit({ ...about(action), type: 'action.skipped', message: `${because} is not done` });
    },
  });
  await recorder.finish(plan);
  return {
    outcomes: new Map(plan.actions.map((action) => [action.id, outcomeOf(action, scheduled)])),
    failures: [...scheduled.failed]
      .filter(([, error]) => !(error instanceof BlockedError))
      .map(([action, error]) => ({ action, error })),
    interrupted: options.signal.aborted,
    changed: runner.changed,
    changes: tally.changes(plan.actions.filter((action) => scheduled.done.has(action.id))),
  };
}

/** An action that the plan already knew could not be done. */
class BlockedError extends MeshplanError {}

function outcomeOf(action: PlannedAction, scheduled: ScheduleResult): ActionOutcome {
  if (action.change === 'noop') return 'unchanged';
  if (scheduled.done.has(action.id)) return 'done';
  const error = scheduled.failed.get(action.id);
  if (error !== undefined && !(error instanceof BlockedError)) return 'failed';
  return scheduled.left.has(action.id) ? 'left' : 'skipped';
}

const about = (action: PlannedAction) => ({ action: action.id, cluster: action.cluster });

async function runOne(
  action: PlannedAction,
  runner: ActionRunner,
  emit: (event: Omit<ApplyEvent, 'time'>) => void,
): Promise<void> {
  if (action.change === 'noop') return;
  const begun = performance.now();
  if (action.change === 'blocked' || action.reason === 'cluster-unreachable') {
    emit({ ...about(action), type: 'action.skipped', message: blockedMessage(action) });
    throw new BlockedError('action-blocked', blockedMessage(action));
  }
  emit({ ...about(action), type: 'action.started', message: action.purpose });
  try {
    const message = await runner.run(action);
    emit({
      ...about(action),
      type: 'action.done',
      message,
      durationMs: Math.round(performance.now() - begun),
    });
  } catch (error) {
    const message = messageOf(error);
    emit({
      ...about(action),
      type: 'action.failed',
      message,
      durationMs: Math.round(performance.now() - begun),
    });
    throw error;
  }
}

const blockedMessage = (action: PlannedAction) =>
  action.reason === 'cluster-unreachable'
    ? 'a cluster that decides it cannot be read'
    : `blocked: ${action.reason}`;
