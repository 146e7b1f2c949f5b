import { setMaxListeners } from 'node:events';
import { ExitCode } from '../errors/index.js';
import { printNote } from './output.js';

/**
 * The first Ctrl-C lets what runs come to an end; the second ends the process at once. The state is
 * sound either way, for every step is in the journal. `lastWords`: what stays behind then.
 */
export function onInterrupt(
  message: string,
  lastWords?: () => string,
): { signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  // Every wait listens, and there may be many at a time.
  setMaxListeners(0, controller.signal);
  const handle = () => {
    if (controller.signal.aborted) {
      if (lastWords) printNote(`\n${lastWords()}`);
      process.exit(ExitCode.interrupted);
    }
    printNote(`\n${message} Press Ctrl-C again to stop at once.`);
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
