import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import type { Survey } from '../../engine/context.js';
import { savePlan } from '../../engine/saved.js';
import { ExitCode, MeshplanError, messageOf } from '../../errors/index.js';
import { hasErrorCode, replaceFile, syncFolder } from '../../files/durable.js';
import type { MeshState } from '../../model/state.js';
import { parseSavedPlan } from '../../saved/format.js';
import type { PlanInputs, SavedPlan } from '../../saved/saved-plan.js';
import { type PlanFileFlags, type PlanningFlags, requestOf } from '../flags.js';
import { printNote } from '../output.js';
import type { Wired } from '../wiring.js';

/** Saves a plan that can be applied, and tells the digest by which it can be approved. */
export async function writePlanFile(
  file: string,
  wired: Wired,
  found: Survey,
  flags: PlanningFlags,
): Promise<void> {
  if (found.plan.diagnostics.some((item) => item.severity === 'error')) {
    printNote(`${file} was not written, because of the errors above.`);
    return;
  }
  const { lineage, serial } = wired.state.state;
  const { text, digest } = await savePlan(wired.context, found, {
    inputs: inputsOf(flags),
    // Until it is saved for the first time, a state has a lineage that nobody will see again.
    state: serial === 0 ? { serial } : { lineage, serial },
  });
  try {
    await replaceFile(file, `${file}.${process.pid}.tmp`, text);
    await syncFolder(dirname(file));
  } catch (error) {
    throw new MeshplanError('plan-file-unwritable', `${file} cannot be written: ${messageOf(error)}`, {
      hint: 'Name a file in a folder that is there and writable.',
      cause: error,
    });
  }
  if (flags.quiet) return;
  printNote(`Saved to ${file}, digest ${digest}`);
  printNote(`To do exactly this: meshplan ${found.plan.mode} ${file} --expect-digest ${digest}`);
}

function inputsOf({ file, overlay, state, env }: PlanningFlags): PlanInputs {
  const mesh = portable(file);
  const stateFile = state === undefined ? undefined : portable(state);
  return {
    ...(mesh === undefined ? {} : { file: mesh }),
    overlays: overlay.map(portable).filter((name) => name !== undefined),
    ...(stateFile === undefined ? {} : { state: stateFile }),
    ...(env === undefined ? {} : { env }),
  };
}

/** A path as it holds in any checkout, or undefined where it names a place of this machine. */
function portable(path: string): string | undefined {
  if (!isAbsolute(path)) return normalize(path);
  const inside = relative(process.cwd(), path);
  return inside.startsWith('..') ? undefined : inside;
}

/**
 * Reads the saved plan that the user named, and fills in the files that it was made of. Everything that is
 * wrong with it, or with other flags beside it, has exit code 3.
 */
export async function openPlanFile<Flags extends PlanningFlags & PlanFileFlags>(
  flags: Flags,
  verb: 'apply' | 'destroy',
): Promise<{ plan: SavedPlan; flags: Flags } | undefined> {
  const { planFile, expectDigest, partial } = flags;
  if (planFile === undefined) {
    if (expectDigest === undefined && !partial) return undefined;
    const flag = partial ? '--partial' : '--expect-digest';
    throw invalid(
      'plan-flags',
      `${flag} is for a saved plan, and none is named`,
      `meshplan ${verb} FILE ${flag}`,
    );
  }
  refuseOtherRequest(flags, planFile);
  const plan = parseSavedPlan(await readPlanFile(planFile), planFile);
  if (expectDigest !== undefined && expectDigest.replace(/^(sha256:)?/, 'sha256:') !== plan.digest) {
    throw invalid(
      'plan-digest',
      `${planFile} is not the plan that was approved: its digest is ${plan.digest}`,
      'Have it approved, or apply the file that was.',
    );
  }
  refuseOtherEnvironment(plan, flags, planFile);
  const { mode } = plan.plan;
  if (mode !== verb) {
    throw invalid(
      'plan-mode',
      `${planFile} is a plan to ${mode === 'destroy' ? 'remove the mesh' : 'apply'}`,
      `If that is meant: meshplan ${mode} ${planFile}`,
    );
  }
  return { plan, flags: { ...flags, ...filesOf(plan.inputs, flags, planFile) } };
}

/** Flags that the request calls by their plural. */
const REPEATED: Record<string, string> = { targets: 'target', excludes: 'exclude' };

/** What is done stands in the file; only a lower limit on impact may come on top. */
function refuseOtherRequest(flags: PlanningFlags, planFile: string): void {
  const { maxImpact: _, ...request } = requestOf(flags);
  const given = Object.keys(request).map((part) => `--${REPEATED[part] ?? part}`);
  if (given.length === 0) return;
  throw invalid(
    'plan-flags',
    `${planFile} says what is done, so ${given.join(', ')} cannot be asked beside it`,
    'Plan again with these flags and --out.',
  );
}

/** What is done in one environment is not done in another, whatever the two have in common. */
function refuseOtherEnvironment({ inputs }: SavedPlan, { env }: PlanningFlags, planFile: string): void {
  if (env === undefined || inputs.env === undefined || env === inputs.env) return;
  throw invalid(
    'plan-flags',
    `${planFile} was made for the environment ${inputs.env}, so it is not carried out in ${env}`,
    `Leave --env out, or plan for ${env}: meshplan plan --env ${env} --out FILE`,
  );
}

async function readPlanFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const isThere = !hasErrorCode(error, 'ENOENT');
    throw invalid(
      'plan-file-unreadable',
      isThere ? `${file} cannot be read: ${messageOf(error)}` : `there is no plan file ${file}`,
      'Name a file that meshplan plan --out wrote.',
    );
  }
}

/** Mesh file, overlays and state: as named now, else as when the plan was made, from here or from its folder. */
function filesOf(
  inputs: PlanInputs,
  flags: PlanningFlags & PlanFileFlags,
  planFile: string,
): Pick<PlanningFlags, 'file' | 'overlay' | 'state' | 'env'> {
  const recorded = inputs.file ?? flags.file;
  const beside = join(dirname(planFile), recorded);
  const base = !existsSync(recorded) && existsSync(beside) ? dirname(planFile) : '.';
  const isStateNamed = flags.state !== undefined || flags.env !== undefined;
  return {
    file: flags.isFileNamed ? flags.file : join(base, recorded),
    overlay: flags.overlay.length > 0 ? flags.overlay : inputs.overlays.map((name) => join(base, name)),
    ...(isStateNamed || inputs.state === undefined ? {} : { state: join(base, inputs.state) }),
    ...(flags.env !== undefined || inputs.env === undefined ? {} : { env: inputs.env }),
  };
}

/** A plan is of one mesh. */
export function refuseForeignPlan(
  { plan }: SavedPlan,
  mesh: string,
  { file, planFile }: PlanningFlags & PlanFileFlags,
): void {
  if (plan.mesh === mesh) return;
  throw invalid(
    'plan-foreign',
    `${planFile} is a plan of mesh ${plan.mesh}, and ${file} declares ${mesh}`,
    'Name the mesh file that it was made of with --file.',
  );
}

/** The state must be the one that the plan was made with, or what came of it since. */
export function refuseForeignState({ state }: SavedPlan, now: MeshState, { planFile }: PlanFileFlags): void {
  if (state.lineage === undefined) return;
  if (state.lineage === now.lineage && state.serial <= now.serial) return;
  const what = state.lineage === now.lineage ? `an older copy (serial ${now.serial})` : 'another one';
  throw invalid(
    'plan-state-foreign',
    `${planFile} was made with the state ${state.lineage} at serial ${state.serial}, and this is ${what}`,
    'Name the state that the plan was made with (--state, --env), or plan again.',
  );
}

const invalid = (code: string, message: string, hint: string) =>
  new MeshplanError(code, message, { hint, exitCode: ExitCode.invalid });
