import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { ExitCode, MeshplanError, messageOf } from '../errors/index.js';
import { isExecutable } from './binaries/executables.js';
import { requireHub } from './hub.js';
import type { LabLayout } from './layout.js';
import { requireLab } from './locate.js';
import { within } from './network/names.js';
import type { LabLevel } from './types.js';

/**
 * The variables that make a command see the lab: KUBECONFIG, PATH with its istioctl and kubectl first, and at
 * level 2 MESHPLAN_OVERLAY with the lab's overlay before the user's, which so have the last word.
 * Nothing in them is secret. @throws MeshplanError `lab-absent` (exit code 3).
 */
export async function labEnvironment(options: { dir: string }): Promise<Record<string, string>> {
  const { lab, state } = await requireLab(options.dir);
  return environmentOf(lab, state.level);
}

function environmentOf(lab: LabLayout, level: LabLevel): Record<string, string> {
  const path = [lab.bin, process.env.PATH].filter(Boolean).join(delimiter);
  const environment = { KUBECONFIG: lab.kubeconfig, PATH: path };
  if (level === 1) return environment;
  const users = (process.env.MESHPLAN_OVERLAY ?? '')
    .split(':')
    .filter((file) => file && file !== lab.overlay);
  return { ...environment, MESHPLAN_OVERLAY: [lab.overlay, ...users].join(':') };
}

/**
 * Runs a command where the lab's clusters are reachable and with its environment, keeping folder, arguments
 * and stdio. At level 2 that is inside of the lab's hub, from which nothing else is reachable.
 * @returns its exit code; 128 and the signal's number when a signal ended it, as shells say.
 * @throws MeshplanError `lab-absent`, `command-not-found` (exit code 3).
 */
export async function labExec(options: { dir: string; command: string[] }): Promise<number> {
  const { lab, state } = await requireLab(options.dir);
  const env = { ...process.env, ...environmentOf(lab, state.level) };
  const [named = ''] = options.command;
  const [program = '', ...args] =
    state.level === 1 ? options.command : await commandInHub(lab, options.command, env.PATH);
  const child = spawn(program, args, { env, stdio: 'inherit' });
  const forwarded = forwardSignals((signal) => child.kill(signal));
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(notRun(named, error)));
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    forwarded();
  }
}

/** The user's own shell, as a command for `labExec`. */
export const shellCommand = (): string[] => [process.env.SHELL || '/bin/sh'];

/**
 * nsenter becomes the command, so terminal, signals and exit code are the command's own; but what it says of a
 * program that is not there is its own, too, so that is looked at before.
 */
async function commandInHub(lab: LabLayout, command: string[], path = ''): Promise<string[]> {
  const hub = await requireHub(lab);
  const [program = ''] = command;
  const candidates = program.includes('/')
    ? [program]
    : path.split(delimiter).map((dir) => join(dir, program));
  const found = await Promise.all(candidates.map(isExecutable));
  if (!found.includes(true)) throw notRun(program, Object.assign(new Error(), { code: 'ENOENT' }));
  return [...within(hub), ...command];
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
