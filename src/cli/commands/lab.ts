import { resolve } from 'node:path';
import { ExitCode, MeshplanError } from '../../errors/index.js';
import type { LabEvent, LabLevel, LabStatus } from '../../lab/index.js';
import { openState } from '../../state/index.js';
import { type MeshFlags, stateFileOf } from '../flags.js';
import { onInterrupt } from '../interrupt.js';
import { printNote, printResult } from '../output.js';
import { loadDeclaration } from '../wiring.js';

export interface LabFlags {
  dir: string;
  quiet: boolean;
  verbose: boolean;
  output: 'text' | 'json';
}

export interface LabUpFlags extends LabFlags, Pick<MeshFlags, 'file' | 'overlay' | 'env' | 'strict'> {
  level: string;
  bin?: string;
  address?: string;
}

/** `meshplan lab up`: real clusters for the mesh file. */
export async function labUp(flags: LabUpFlags): Promise<ExitCode> {
  const { mesh } = await loadDeclaration(flags);
  const interrupt = onInterrupt('Ending what was started.');
  try {
    const lab = await import('../../lab/index.js');
    const dir = resolve(flags.dir);
    const isNew = (await lab.labStatus({ dir })).state === 'absent';
    const means = await (flags.level === '2' ? level2Of : level1Of)(flags, interrupt.signal);
    const clusters = [...mesh.clusters, ...mesh.fenced].map(({ name, context, role, locality }) => ({
      name,
      context,
      primary: role === 'primary',
      ...locality,
    }));
    const options = { dir, clusters, ...means, onEvent: notes(flags), signal: interrupt.signal };
    const status = await lab.labUp(options);
    printStatus(status, flags);
    if (isNew) await warnOfOldState(flags, mesh.name);
    return ExitCode.done;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    printNote('Interrupted; what was started has been ended.');
    return ExitCode.interrupted;
  } finally {
    interrupt.done();
  }
}

/**
 * The state beside the mesh file may be of clusters that have the same names: a lab before this one, or real
 * ones. It is left alone, for only its owner knows; but what meshplan will say of it should be no riddle.
 */
async function warnOfOldState(flags: LabUpFlags, mesh: string): Promise<void> {
  const path = stateFileOf(flags);
  const known = await openState(path, mesh).then(
    ({ state }) => Object.keys(state.clusters).length > 0,
    () => false,
  );
  if (!known) return;
  printNote(`${path} is of other clusters with these names, so plan and apply will refuse the new ones (cluster-changed).
  hint: Pass ${flags.env ? '--state lab.state.json' : '--env lab'} for a state of the lab's own, or move that file away if its clusters are gone.`);
}

async function level1Of(flags: LabUpFlags, signal: AbortSignal) {
  const binaries = await ensureLabBinaries(1, flags, signal);
  return { level: 1, binaries, ...(flags.address ? { address: addressOf(flags.address) } : {}) } as const;
}

async function level2Of(flags: LabUpFlags, signal: AbortSignal) {
  if (flags.address !== undefined) {
    throw new MeshplanError('lab-invalid', 'load balancers of level 2 have addresses of their own', {
      hint: 'Leave --address out.',
      exitCode: ExitCode.invalid,
    });
  }
  // What the machine lacks is told before anything is built for minutes.
  const { requireHostTools } = await import('../../lab/host-needs.js');
  const host = await requireHostTools(resolve(flags.dir));
  const binaries = await ensureLabBinaries(2, flags, signal);
  const { ensureImages } = await import('../../lab/images/index.js');
  return { level: 2, host, binaries, images: await ensureImages({ binaries, host, signal }) } as const;
}

async function ensureLabBinaries<L extends LabLevel>(level: L, flags: LabUpFlags, signal: AbortSignal) {
  const { describeEvent, ensureBinaries } = await import('../../lab/binaries/index.js');
  const waiting: string[] = [];
  let isLong = flags.verbose;
  return ensureBinaries({
    level,
    ...(flags.bin ? { from: resolve(flags.bin) } : {}),
    signal,
    onEvent: (event) => {
      // Where each binary comes from is of interest once getting it takes time.
      if (event.type !== 'step') isLong = true;
      waiting.push(describeEvent(event));
      if (isLong && !flags.quiet) for (const line of waiting.splice(0)) printNote(line);
    },
  });
}

/** `hostname`, `hostname=NAME` or `ip=ADDRESS`: what the load balancer answers. */
function addressOf(text: string): { type: 'hostname' | 'ip'; value?: string } {
  const [type, value] = text.split('=');
  return { type: type === 'ip' ? 'ip' : 'hostname', ...(value ? { value } : {}) };
}

/** `meshplan lab down`: ends every process and removes the folder's content. */
export async function labDown(flags: LabFlags): Promise<ExitCode> {
  const { labDown: down } = await import('../../lab/index.js');
  await down({ dir: resolve(flags.dir), onEvent: notes(flags) });
  return ExitCode.done;
}

/** `meshplan lab status`. */
export async function labStatus(flags: LabFlags): Promise<ExitCode> {
  const { labStatus: read } = await import('../../lab/index.js');
  printStatus(await read({ dir: resolve(flags.dir) }), flags);
  return ExitCode.done;
}

/** `meshplan lab stop CLUSTER` and `lab start CLUSTER`. */
export async function labPower(
  cluster: string,
  flags: LabFlags,
  wanted: 'stop' | 'start',
): Promise<ExitCode> {
  const lab = await import('../../lab/index.js');
  const options = { dir: resolve(flags.dir), cluster, onEvent: notes(flags) };
  await (wanted === 'stop' ? lab.labStop(options) : lab.labStart(options));
  return ExitCode.done;
}

/** `meshplan lab exec -- COMMAND…`: the command's own exit code. */
export async function labExec(command: string[], flags: Pick<LabFlags, 'dir'>): Promise<number> {
  const { labExec: run } = await import('../../lab/index.js');
  return run({ dir: resolve(flags.dir), command });
}

/** `meshplan lab shell`: the exit code of the shell's last command. */
export async function labShell(flags: Pick<LabFlags, 'dir'>): Promise<number> {
  const { labEnvironment, labExec: run, shellCommand } = await import('../../lab/index.js');
  const dir = resolve(flags.dir);
  // Says so where there is no lab, before anything is promised.
  await labEnvironment({ dir });
  printNote('A shell that sees the clusters of the lab; `exit` leaves it.');
  return run({ dir, command: shellCommand() });
}

function notes(flags: LabFlags): (event: LabEvent) => void {
  return (event) => {
    if (flags.quiet) return;
    const took = event.durationMs === undefined ? '' : ` (${(event.durationMs / 1_000).toFixed(1)} s)`;
    printNote(`${event.cluster ? `${event.cluster}: ` : ''}${event.message}${took}`);
  };
}

function printStatus(status: LabStatus, flags: LabFlags): void {
  if (flags.output === 'json') {
    printResult(JSON.stringify(status, null, 2));
    return;
  }
  const level = status.state === 'absent' ? '' : ` (level ${status.level})`;
  const lines = [`lab in ${flags.dir}${level}: ${status.state}`];
  for (const cluster of status.clusters) {
    lines.push(`  ${cluster.name}  ${cluster.state}  ${cluster.server}  ${cluster.region}`);
    const dead = cluster.processes.filter(({ alive }) => !alive).map(({ name }) => name);
    if (cluster.state === 'degraded' && dead.length > 0) lines.push(`    not running: ${dead.join(', ')}`);
    for (const istiod of cluster.istiod) {
      lines.push(
        `    istiod ${istiod.namespace}/${istiod.replicaSet}: ${istiod.ready ? 'ready' : 'not ready'}, ${istiod.restarts} restarts`,
      );
    }
  }
  if (status.kubeconfig) lines.push(`  kubeconfig: ${status.kubeconfig}`);
  printResult(lines.join('\n'));
}
