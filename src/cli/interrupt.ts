import { setMaxListeners } from 'node:events';
import { ExitCode } from '../errors/index.js';
import { printNote } from './output.js';

/**
 * Milliseconds in which a second signal is the same Ctrl-C: it reaches a whole process group, and programs that
 * run this one (`lab exec` without a terminal, npm) pass it on as well.
 */
const ECHO_MS = 250;

/**
 * The first Ctrl-C lets what runs come to an end; the second ends the process at once. The state is
 * sound either way, for every step is in the journal. `message`: what is done first, where that takes time;
 * `lastWords`: what stays behind after the second.
 */
export function onInterrupt(
  message?: string,
  lastWords?: () => string,
): { signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  // Every wait listens, and there may be many at a time.
  setMaxListeners(0, controller.signal);
  let first = 0;
  const handle = () => {
    if (controller.signal.aborted) {
      if (performance.now() - first < ECHO_MS) return;
      if (lastWords) printNote(`\n${lastWords()}`);
      process.exit(ExitCode.interrupted);
    }
    first = performance.now();
    if (message) printNote(`\n${message} Press Ctrl-C again to stop at once.`);
    controller.abort();
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    done: () => {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
