/**
 * What an apply tells while it runs; also one JSON object a line of `apply -o json` (contract, 4). The steps of
 * `verify --traffic` are told in the same form, each as an action.
 */
export interface ApplyEvent {
  /** ISO 8601, UTC. */
  time: string;
  type: 'action.started' | 'action.progress' | 'action.done' | 'action.failed' | 'action.skipped' | 'summary';
  action?: string;
  cluster?: string;
  message?: string;
  /** What to do about what is waited for, or what failed. */
  hint?: string;
  durationMs?: number;
}

export type OnApplyEvent = (event: ApplyEvent) => void;

/** How an action ended. `left`: the run was interrupted before it began. */
export type ActionOutcome = 'done' | 'unchanged' | 'failed' | 'skipped' | 'left';

export interface ApplyResult {
  /** By action id. */
  outcomes: Map<string, ActionOutcome>;
  failures: { action: string; error: unknown }[];
  interrupted: boolean;
  /** Objects that were created, updated, replaced or deleted. */
  changed: number;
}
