import { ExitCode, MeshplanError } from '../errors/index.js';
import { assertFrontIsFree } from './agent/front.js';
import { makePrivateFolder } from './files.js';
import type { LabLayout } from './layout.js';
import { locate } from './locate.js';
import { withLock } from './lock.js';
import { namesOf } from './network/names.js';
import { createNetwork, hasNetwork } from './network/network.js';
import { addressOf, MAX_CLUSTERS, planLab } from './plan-lab.js';
import { endEverything, isLabFolder, removeFiles, removeFolder } from './remove.js';
import { runTask } from './run-task.js';
import { type LabState, readState, writeState } from './state.js';
import type { LabStatus, LabUpOptions } from './types.js';

/**
 * Brings the lab of `dir` up: new, mended where part of it has died, or left alone where all of it runs.
 * When that fails or the signal comes, a new lab leaves nothing behind; an older one keeps its data.
 * @throws MeshplanError `lab-ports-taken`, `lab-differs`, `lab-folder-in-use`, `lab-process-failed`, `lab-timeout`,
 *   `lab-busy`, `interrupted` (exit code 130).
 */
export async function labUp(options: LabUpOptions): Promise<LabStatus> {
  assertSensible(options);
  await makePrivateFolder(options.dir);
  const lab = await locate(options.dir);
  const signal = options.signal ?? new AbortController().signal;
  try {
    return await withLock(lab, 'up', () => bringUp(lab, options, signal));
  } catch (error) {
    const failure = signal.aborted ? interrupted(signal.reason) : error;
    throw failure;
  }
}

function interrupted(cause: unknown): MeshplanError {
  return new MeshplanError('interrupted', 'interrupted', { cause, exitCode: ExitCode.interrupted });
}

function assertSensible(options: LabUpOptions): void {
  const { clusters, level } = options;
  const invalid = (message: string, hint: string) =>
    new MeshplanError('lab-invalid', message, { hint, exitCode: ExitCode.invalid });
  if (clusters.length === 0) throw invalid('a lab needs a cluster', 'Name at least one under spec.clusters.');
  if (clusters.length > MAX_CLUSTERS[level]) {
    throw invalid(
      `a lab of level ${level} has addresses for ${MAX_CLUSTERS[level]} clusters, not for ${clusters.length}`,
      'Leave some out of the mesh file.',
    );
  }
  if (level === 1 && options.address?.type === 'ip' && !options.address.value) {
    throw invalid('the load balancer needs an address', 'Give the IP that it should answer.');
  }
}

async function bringUp(lab: LabLayout, options: LabUpOptions, signal: AbortSignal): Promise<LabStatus> {
  const state = await readState(lab);
  if (state?.complete) return bringBack(lab, state, options, signal);
  if (!(await isLabFolder(lab))) {
    throw new MeshplanError('lab-folder-in-use', `${lab.dir} holds other files than those of a lab`, {
      hint: 'Name an empty folder, or one that does not exist yet, with --dir.',
      exitCode: ExitCode.invalid,
    });
  }
  try {
    return await startNew(lab, options, signal);
  } catch (error) {
    options.onEvent({ type: 'lab.cleaning', message: 'The lab did not start; removing what was begun.' });
    await endEverything(lab);
    await removeFiles(lab);
    await removeFolder(lab);
    throw error;
  }
}

async function startNew(lab: LabLayout, options: LabUpOptions, signal: AbortSignal): Promise<LabStatus> {
  const { onEvent } = options;
  if ((await endEverything(lab)) > 0) {
    onEvent({ type: 'lab.cleaning', message: 'Removed what an interrupted start had left.' });
  }
  await removeFiles(lab);
  const plan = await planLab(options);
  if (plan.level === 1) await assertFrontIsFree(plan.address);
  onEvent({ type: 'lab.starting', message: `Starting ${options.clusters.length} clusters.` });
  const state = await writeState(lab, plan);
  if (state.level === 2) await createNetwork(namesOf(lab.dir), state.clusters.length);
  return runTask(lab, state, { do: 'begin' }, { onEvent, signal });
}

async function bringBack(
  lab: LabLayout,
  state: LabState,
  options: LabUpOptions,
  signal: AbortSignal,
): Promise<LabStatus> {
  assertSameLab(lab, state, options);
  const names = namesOf(lab.dir);
  if (state.level === 2 && !(await hasNetwork(names, state.clusters.length))) {
    // What still runs is in a network that nothing else can enter any more.
    await endEverything(lab);
    await createNetwork(names, state.clusters.length);
  }
  // The archives of images may lie elsewhere by now.
  if (state.level === 2 && options.level === 2) await writeState(lab, { ...state, images: options.images });
  return runTask(lab, state, { do: 'mend' }, { onEvent: options.onEvent, signal });
}

/** @throws MeshplanError `lab-differs`: replacing a lab would lose its data, so only `down` does that. */
function assertSameLab(lab: LabLayout, state: LabState, options: LabUpOptions): void {
  const differs = (how: string, hint: string) =>
    new MeshplanError('lab-differs', `the lab in ${lab.dir} ${how}`, {
      hint: `${hint} \`meshplan lab down\` first, or take another --dir.`,
    });
  if (state.level !== options.level) {
    throw differs(`is of level ${state.level}`, `Give --level ${state.level}, or end it with`);
  }
  const describe = (clusters: { name: string; primary: boolean }[]) =>
    clusters.map(({ name, primary }) => `${name}${primary ? ' (primary)' : ''}`).sort();
  const there = describe(state.clusters).join(', ');
  if (there !== describe(options.clusters).join(', ')) {
    throw differs(`has other clusters: ${there}`, 'End it with');
  }
  if (state.level === 2 || options.level === 2) return;
  const { type, value } = addressOf(options);
  if (state.address.type !== type || state.address.value !== value) {
    throw differs(`answers ${state.address.type} ${state.address.value}`, 'End it with');
  }
}
