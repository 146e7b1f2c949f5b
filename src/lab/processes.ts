import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError, messageOf } from '../errors/index.js';
import { makePrivateFolder, readJson, writePrivateJson } from './files.js';
import { LAB_MARKER, markedProcesses, startTimeOf } from './host.js';
import type { LabLayout } from './layout.js';

/** One process of a lab as its record names it. A pid counts only together with its start time. */
export interface ProcessRecord {
  /** The cluster it belongs to; the agent belongs to none. */
  cluster: string | null;
  name: string;
  pid: number;
  startTime: string;
}

export interface ProcessRequest {
  cluster: string | null;
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env?: Record<string, string>;
  /** Takes stdout and stderr, appended. */
  log: string;
}

const recordFile = (lab: LabLayout, cluster: string | null, name: string) =>
  join(lab.processes, `${cluster ?? 'lab'}+${name}.json`);

/** A process of ours, and the end of it: its exit code, or the signal that ended it. */
export interface StartedProcess {
  record: ProcessRecord;
  exited: Promise<number | NodeJS.Signals>;
}

/**
 * Starts a process that outlives this one, in a session of its own (Ctrl-C does not reach it), and
 * records it. Its environment is the given one and the lab's marker only: nothing is inherited.
 * @throws MeshplanError `lab-process-failed` when the program cannot be run.
 */
export async function startProcess(lab: LabLayout, request: ProcessRequest): Promise<StartedProcess> {
  await makePrivateFolder(lab.processes);
  const log = await open(request.log, 'a', 0o600);
  try {
    const child = spawn(request.command, request.args, {
      cwd: request.cwd,
      env: { PATH: process.env.PATH ?? '', ...request.env, [LAB_MARKER]: lab.dir },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    const exited = new Promise<number | NodeJS.Signals>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? code ?? 0));
    });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const record = {
      cluster: request.cluster,
      name: request.name,
      pid,
      startTime: (await startTimeOf(pid)) ?? '',
    };
    await writePrivateJson(recordFile(lab, request.cluster, request.name), record);
    return { record, exited };
  } catch (error) {
    throw new MeshplanError('lab-process-failed', `${request.name} cannot be started: ${messageOf(error)}`, {
      cause: error,
      hint: `Check that ${request.command} is a program for this machine.`,
    });
  } finally {
    await log.close();
  }
}

/** Every recorded process of a lab, alive or not. */
export async function readRecords(lab: LabLayout): Promise<ProcessRecord[]> {
  const names = await readdir(lab.processes).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json'));
  const records = await Promise.all(files.map((name) => readJson<ProcessRecord>(join(lab.processes, name))));
  return records.filter((record): record is ProcessRecord => record !== undefined);
}

export async function isAlive(record: { pid: number; startTime: string }): Promise<boolean> {
  return record.startTime !== '' && (await startTimeOf(record.pid)) === record.startTime;
}

/** The recorded processes that run, and those that only their environment gives away. */
export async function livingProcesses(lab: LabLayout): Promise<ProcessRecord[]> {
  const records = await readRecords(lab);
  const alive = await Promise.all(records.map(isAlive));
  const living = records.filter((_, index) => alive[index]);
  const known = new Set(living.map((record) => record.pid));
  const marked = (await markedProcesses(lab.dir)).filter((pid) => !known.has(pid));
  for (const pid of marked) {
    const startTime = await startTimeOf(pid);
    if (startTime) living.push({ cluster: null, name: 'unrecorded', pid, startTime });
  }
  return living;
}

/**
 * Ends processes in the order that lets each still reach what it needs: those that start others first,
 * the API server before etcd (without etcd it does not end on SIGTERM).
 */
export async function endProcesses(lab: LabLayout, records: ProcessRecord[], graceMs: number): Promise<void> {
  const ranks = [...new Set(records.map((record) => rankOf(record.name)))].sort((a, b) => a - b);
  for (const rank of ranks) {
    const group = records.filter((record) => rankOf(record.name) === rank);
    await Promise.all(group.map((record) => endProcess(lab, record, graceMs)));
  }
}

function rankOf(name: string): number {
  if (name === 'agent') return 0;
  if (name === 'etcd') return 3;
  return name === 'kube-apiserver' || name === 'unrecorded' ? 2 : 1;
}

/** SIGTERM, then SIGKILL after the grace (0: at once); returns when the process is gone. */
export async function endProcess(lab: LabLayout, record: ProcessRecord, graceMs: number): Promise<void> {
  if (graceMs > 0 && !(await signalAndWait(record, 'SIGTERM', graceMs)))
    await signalAndWait(record, 'SIGKILL', 5_000);
  if (graceMs === 0) await signalAndWait(record, 'SIGKILL', 5_000);
  if (record.name !== 'unrecorded') await rm(recordFile(lab, record.cluster, record.name), { force: true });
}

async function signalAndWait(
  record: ProcessRecord,
  signal: NodeJS.Signals,
  waitMs: number,
): Promise<boolean> {
  const deadline = Date.now() + waitMs;
  if (!(await isAlive(record))) return true;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw error;
  }
  while (await isAlive(record)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
