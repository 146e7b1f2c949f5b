import { type ChildProcess, spawn } from 'node:child_process';
import { type ExitCode, MeshplanError } from '../errors/index.js';
import { LAB_MARKER } from './host.js';
import { requireHub } from './hub.js';
import type { LabLayout } from './layout.js';
import { within } from './network/names.js';
import { nodeCommand } from './node-command.js';
import type { LabTask, TaskContext } from './tasks/index.js';
import type { LabEvent, LabStatus } from './types.js';

/** What the worker tells: progress, and at the end one answer or failure. */
export type WorkerMessage =
  | { event: LabEvent }
  | { status: LabStatus }
  | { failure: { code: string; message: string; hint?: string; exitCode?: ExitCode } };

/**
 * Does a task in a process inside of the lab's hub, where the clusters' addresses are reachable.
 * It returns when that process has ended; the signal makes it end early.
 * @throws what the task throws, as a MeshplanError; `lab-worker-failed` when the process died; `lab-absent` where
 * the hub is gone.
 */
export async function performInHub(
  lab: LabLayout,
  task: LabTask,
  { onEvent, signal }: TaskContext,
): Promise<LabStatus> {
  const hub = await requireHub(lab);
  signal.throwIfAborted();
  const child = spawnWorker(lab, hub, task);
  const abort = () => child.kill('SIGTERM');
  signal.addEventListener('abort', abort, { once: true });
  try {
    const { last, words } = await converse(child, onEvent);
    signal.throwIfAborted();
    if (last && 'status' in last) return last.status;
    if (last && 'failure' in last) throw failureOf(last.failure);
    throw new MeshplanError('lab-worker-failed', "the lab's worker ended before its work was done", {
      hint: `Its last words:\n${words.trimEnd().split('\n').slice(-5).join('\n')}`,
    });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function spawnWorker(lab: LabLayout, hub: string, task: LabTask): ChildProcess {
  const [program = '', ...args] = [
    ...within(hub),
    process.execPath,
    ...nodeCommand('worker-main', lab.dir, JSON.stringify(task)),
  ];
  return spawn(program, args, {
    // Ctrl-C is this process's to pass on; with the marker `lab down` ends it if this process is killed.
    detached: true,
    env: { PATH: process.env.PATH ?? '', [LAB_MARKER]: lab.dir },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** Passes events on until the worker has ended; its last message that was no event, and what it wrote. */
async function converse(
  child: ChildProcess,
  onEvent: (event: LabEvent) => void,
): Promise<{ last: Exclude<WorkerMessage, { event: LabEvent }> | undefined; words: string }> {
  let last: Exclude<WorkerMessage, { event: LabEvent }> | undefined;
  let words = '';
  child.stderr?.on('data', (text) => {
    words += text;
  });
  child.on('message', (message: WorkerMessage) => {
    if ('event' in message) onEvent(message.event);
    else last = message;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  return { last, words };
}

function failureOf({
  code,
  message,
  hint,
  exitCode,
}: {
  code: string;
  message: string;
  hint?: string;
  exitCode?: ExitCode;
}) {
  return new MeshplanError(code, message, { ...(hint ? { hint } : {}), ...(exitCode ? { exitCode } : {}) });
}
