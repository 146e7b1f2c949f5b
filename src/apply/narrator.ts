import { MeshplanError, messageOf } from '../errors/index.js';
import type { ApplyEvent, OnApplyEvent } from '../model/events.js';
import type { PlannedAction } from '../model/plan.js';
import { behind } from './behind.js';

/** Tells what a run does, and those that wait what they wait for, over as many clusters as it goes. */
export class Narrator {
  /** By the id of an action that was skipped: the one that failed or is blocked, however far before it. */
  readonly skippedFor = new Map<string, string>();
  readonly #actions: PlannedAction[];
  readonly #onEvent: OnApplyEvent;
  /** Actions that have begun, or never will. */
  readonly #settled = new Set<string>();
  /** What became of those that did not get done. */
  readonly #endings = new Map<string, string>();

  constructor(actions: PlannedAction[], onEvent: OnApplyEvent) {
    this.#actions = actions;
    this.#onEvent = onEvent;
  }

  started(action: PlannedAction): void {
    this.#settled.add(action.id);
    this.#emit(action, { type: 'action.started', message: action.purpose });
  }

  /** `what`: the end of "waits for …". The actions right behind hear it too; the others are counted. */
  waits(action: PlannedAction, what: string, why: string, hint?: string): void {
    const { next, count } = behind(action.id, this.#actions, this.#settled);
    const held = count === 0 ? '' : ` (${count} ${count === 1 ? 'action waits' : 'actions wait'} for it)`;
    this.#emit(action, {
      type: 'action.progress',
      message: `waits for ${what}: ${why}${held}`,
      ...(hint ? { hint } : {}),
    });
    for (const waiting of next) {
      this.#emit(waiting, { type: 'action.progress', message: `waits for ${action.id}: ${why}` });
    }
  }

  done(action: PlannedAction, message: string, durationMs: number): void {
    this.#emit(action, { type: 'action.done', message, durationMs });
  }

  failed(action: PlannedAction, error: unknown, durationMs: number): void {
    const message = messageOf(error);
    this.#endings.set(action.id, `failed: ${message}`);
    const hint = error instanceof MeshplanError && error.hint ? { hint: error.hint } : {};
    this.#emit(action, { type: 'action.failed', message, ...hint, durationMs });
  }

  /** An action that the plan already knew could not be done. */
  blocked(action: PlannedAction, why: string): void {
    this.#settled.add(action.id);
    this.#endings.set(action.id, `is ${why}`);
    this.#emit(action, { type: 'action.skipped', message: why });
  }

  /** An action whose dependency `because` is not done. */
  skipped(action: PlannedAction, because: string): void {
    this.#settled.add(action.id);
    const root = this.skippedFor.get(because) ?? because;
    this.skippedFor.set(action.id, root);
    if (action.change === 'noop') return;
    // Why is told once, of the root itself.
    const ending = headOf(this.#endings.get(root) ?? 'is not done');
    const message = root === because ? `${root} ${ending}` : `${because} is skipped, for ${root} ${ending}`;
    this.#emit(action, { type: 'action.skipped', message });
  }

  #emit({ id, cluster }: PlannedAction, event: Omit<ApplyEvent, 'time' | 'action' | 'cluster'>): void {
    this.#onEvent({ time: new Date().toISOString(), action: id, cluster, ...event });
  }
}

/** The reason stands where the chain begins; farther on the fact is enough. */
const headOf = (ending: string) => ending.split(':')[0];
