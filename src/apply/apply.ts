import type { Context, Survey } from '../engine/context.js';
import { MeshplanError, messageOf } from '../errors/index.js';
import type { ApplyEvent, ApplyResult, OnApplyEvent } from '../model/events.js';
import type { PlannedAction } from '../model/plan.js';
import type { Recorder } from './recorder.js';
import { ActionRunner } from './runner.js';
import { runGraph } from './schedule.js';

export interface ApplyOptions {
  parallelism: number;
  /** Milliseconds that each wait may take. */
  timeoutMs: number;
  /** When it fires, running actions end and nothing new begins. */
  signal: AbortSignal;
  onEvent: OnApplyEvent;
  recorder: Recorder;
}

/** Carries out a plan along its graph. Failures are in the result, never thrown. */
export async function apply(context: Context, survey: Survey, options: ApplyOptions): Promise<ApplyResult> {
  const { plan } = survey;
  const emit = (event: Omit<ApplyEvent, 'time'>) =>
    options.onEvent({ time: new Date().toISOString(), ...event });
  const runner = new ActionRunner(context, survey, options, emit);
  const scheduled = await runGraph(plan.actions, {
    parallelism: options.parallelism,
    signal: options.signal,
    run: (action) => runOne(action, runner, emit),
    onSkipped: (action, because) => {
      if (action.change !== 'noop')
        emit({ ...about(action), type: 'action.skipped', message: `${because} is not done` });
    },
  });
  await options.recorder.finish();
  const result: ApplyResult = {
    outcomes: new Map(),
    failures: [...scheduled.failed].map(([action, error]) => ({ action, error })),
    interrupted: options.signal.aborted,
    changed: runner.changed,
  };
  for (const action of plan.actions) {
    const { id } = action;
    const unchanged = action.change === 'noop' ? 'unchanged' : 'done';
    const outcome = scheduled.done.has(id)
      ? unchanged
      : scheduled.failed.has(id)
        ? 'failed'
        : scheduled.skipped.has(id)
          ? 'skipped'
          : 'left';
    result.outcomes.set(id, action.change === 'noop' && outcome !== 'failed' ? 'unchanged' : outcome);
  }
  emit({ type: 'summary', message: summaryOf(result) });
  return result;
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
    throw new MeshplanError('action-blocked', blockedMessage(action));
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
    ? `cluster ${action.cluster} cannot be read`
    : `blocked: ${action.reason}`;

function summaryOf({ outcomes, changed }: ApplyResult): string {
  const count = (wanted: string) => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  const parts = [`${changed} objects changed`, `${count('done')} actions done`];
  if (count('failed') > 0) parts.push(`${count('failed')} failed`);
  if (count('skipped') > 0) parts.push(`${count('skipped')} skipped`);
  if (count('left') > 0) parts.push(`${count('left')} left`);
  return parts.join(', ');
}
