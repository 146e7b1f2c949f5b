import type { ApplyEvent } from '../../model/events.js';
import type { OutputFormat } from '../flags.js';
import { isLive, printNote, printResult } from '../output.js';

/** Shows an apply while it runs. */
export interface ProgressReport {
  onEvent(event: ApplyEvent): void;
  /** To be awaited before anything else is printed. */
  end(): Promise<void>;
}

export interface ProgressOptions {
  output: OutputFormat;
  quiet: boolean;
}

/** JSON lines for programs, a live list on a terminal, plain lines elsewhere. */
export async function openProgress(
  actions: readonly { id: string }[],
  options: ProgressOptions,
): Promise<ProgressReport> {
  if (options.output === 'json')
    return { onEvent: (event) => printResult(JSON.stringify(event)), end: async () => {} };
  return openNotes(actions, options.quiet);
}

/** On stderr alone: a live list on a terminal, plain lines elsewhere. */
export async function openNotes(
  actions: readonly { id: string }[],
  isQuiet: boolean,
): Promise<ProgressReport> {
  if (isQuiet) return { onEvent: () => {}, end: async () => {} };
  if (!isLive()) return plainProgress();
  const { liveProgress } = await import('./live.js');
  return liveProgress(actions);
}

function plainProgress(): ProgressReport {
  const hints = new Map<string | undefined, string>();
  return {
    onEvent: (event) => {
      const line = plainLine(event);
      if (line) printNote(line);
      const { type, action, hint } = event;
      // What failed is told once more at the end, with its hint; and a hint that was read is read.
      if (type !== 'action.progress' || !hint || hints.get(action) === hint) return;
      hints.set(action, hint);
      printNote(`  hint: ${hint}`);
    },
    end: async () => {},
  };
}

/** `cluster-1/crds: done in 0.4 s, 15 objects applied` */
export function plainLine(event: ApplyEvent): string | undefined {
  const took = event.durationMs === undefined ? '' : ` in ${(event.durationMs / 1_000).toFixed(1)} s`;
  switch (event.type) {
    case 'action.started':
      return `${event.action}: begins, ${event.message}`;
    case 'action.progress':
      return `${event.action}: ${event.message}`;
    case 'action.done':
      return `${event.action}: done${took}, ${event.message}`;
    case 'action.failed':
      return `${event.action}: FAILED${took}: ${event.message}`;
    case 'action.skipped':
      return `${event.action}: skipped, ${event.message}`;
    case 'summary':
      return undefined;
  }
}
