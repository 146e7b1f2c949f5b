import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { atEnd } from './cleanup.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The built command line, as a user runs it. */
export const MESHPLAN = join(ROOT, 'bin', 'meshplan.js');

export interface Answer {
  /** Null when a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  durationMs: number;
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** After so many milliseconds the process is killed and the run throws. */
  limitMs?: number;
  /** Whether it gets an input, which `write` fills. */
  input?: boolean;
}

export interface Running {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Gives it some input, as a person types. */
  write(text: string): void;
  /** Ends its input. */
  end(): void;
  /** What has come so far, stdout and stderr. */
  seen(): string;
  /** Waits until it has printed a text. @throws when it ends without. */
  shows(text: string): Promise<void>;
  answer: Promise<Answer>;
}

const LIMIT_MS = 240_000;
const children = new Set<number>();

/** Kills what was started and still runs. Whatever it held, such as a lab's lock, is free then. */
export function endChildren(): void {
  for (const pid of children) process.kill(pid, 'SIGKILL');
  children.clear();
}
atEnd(endChildren);

/**
 * The environment of this process without what would lead a command to another mesh, cluster or istioctl
 * than the test means. Where the lab finds its programs is kept.
 */
export function cleanEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of ['KUBECONFIG', 'MESHPLAN_ISTIOCTL', 'MESHPLAN_OVERLAY', 'FORCE_COLOR']) delete env[name];
  return { ...env, ...more };
}

/** Starts a command off any terminal and collects what it prints. */
export function start(command: readonly string[], options: RunOptions = {}): Running {
  const [program = '', ...args] = command;
  const began = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? cleanEnvironment(),
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const { pid = 0 } = child;
  if (pid > 0) children.add(pid);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  const limitMs = options.limitMs ?? LIMIT_MS;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  const answer = new Promise<Answer>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => children.delete(pid));
    child.once('close', (code, signal) => {
      if (isLate) reject(new Error(`${command.join(' ')} took longer than ${limitMs} ms\n${output.stderr}`));
      else resolve({ code, signal, ...output, durationMs: performance.now() - began });
    });
  }).finally(() => clearTimeout(timer));
  // A caller may look at the answer late; until then a failure is no unhandled one.
  answer.catch(() => {});
  const seen = () => output.stdout + output.stderr;
  const shows = async (text: string) => {
    let hasEnded = false;
    child.once('close', () => {
      hasEnded = true;
    });
    while (!hasEnded && !seen().includes(text)) await sleep(10);
    if (!seen().includes(text)) throw new Error(`it ended without ${JSON.stringify(text)}:\n${seen()}`);
  };
  const write = (text: string) => child.stdin?.write(text);
  const end = () => child.stdin?.end();
  return { pid, kill: (signal) => child.kill(signal), write, end, seen, shows, answer };
}

/** Runs a command to its end. @throws when it cannot be started or takes too long. */
export const run = (command: readonly string[], options: RunOptions = {}): Promise<Answer> =>
  start(command, options).answer;
