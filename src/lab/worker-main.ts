import { MeshplanError, messageOf } from '../errors/index.js';
import { layoutOf } from './layout.js';
import { type LabTask, perform } from './tasks/index.js';
import type { WorkerMessage } from './worker.js';

/** One task of a lab in a process inside of its hub: `node worker-main.js DIR TASK`. */
const [dir = '', task = '{}'] = process.argv.slice(2);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
// Whoever waits for the work has died, maybe before this process could listen.
process.once('disconnect', () => stop.abort());
if (!process.connected) stop.abort();

const send = (message: WorkerMessage) =>
  new Promise<void>((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });

const onEvent = (event: Extract<WorkerMessage, { event: unknown }>['event']) => void send({ event });
perform(layoutOf(dir), JSON.parse(task) as LabTask, { onEvent, signal: stop.signal })
  .then(
    (status) => send({ status }),
    (error: unknown) => send({ failure: failureOf(error) }),
  )
  .finally(() => process.exit());

function failureOf(error: unknown): Extract<WorkerMessage, { failure: unknown }>['failure'] {
  if (!(error instanceof MeshplanError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return { code: 'lab-worker-failed', message: messageOf(error) };
  }
  const { code, message, hint, exitCode } = error;
  return { code, message, exitCode, ...(hint ? { hint } : {}) };
}
