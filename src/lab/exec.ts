import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { ExitCode, MeshplanError, messageOf } from '../errors/index.js';
import { requireLab } from './locate.js';

/**
 * The variables that make a command see the lab: KUBECONFIG, and PATH with its istioctl and kubectl first.
 * Nothing in them is secret. @throws MeshplanError `lab-absent` (exit code 3).
 */
export async function labEnvironment(options: { dir: string }): Promise<Record<string, string>> {
  const { lab } = await requireLab(options.dir);
  const path = [lab.bin, process.env.PATH].filter(Boolean).join(delimiter);
  return { KUBECONFIG: lab.kubeconfig, PATH: path };
}

/**
 * Runs a command with the lab's environment, keeping folder, arguments and stdio.
 * @returns its exit code; 128 and the signal's number when a signal ended it, as shells say.
 * @throws MeshplanError `lab-absent`, `command-not-found` (exit code 3).
 */
export async function labExec(options: { dir: string; command: string[] }): Promise<number> {
  const [program = '', ...args] = options.command;
  const env = { ...process.env, ...(await labEnvironment(options)) };
  const child = spawn(program, args, { env, stdio: 'inherit' });
  const forwarded = forwardSignals((signal) => child.kill(signal));
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(notRun(program, error)));
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    forwarded();
  }
}

/** Passes signals on until the returned function is called. */
function forwardSignals(send: (signal: NodeJS.Signals) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  const handlers = signals.map((signal) => {
    // A terminal sends Ctrl-C and Ctrl-\ to the whole group: the command has its own already.
    const fromTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
    const handler = () => (fromTerminal ? undefined : send(signal));
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}

function notRun(program: string, error: NodeJS.ErrnoException): MeshplanError {
  const missing = error.code === 'ENOENT';
  const message = missing ? `${program}: no such program` : `${program}: ${messageOf(error)}`;
  return new MeshplanError('command-not-found', message, { cause: error, exitCode: ExitCode.invalid });
}
