import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { type LabLayout, layoutOf } from './layout.js';
import { type LabState, readState } from './state.js';

/** The lab's paths below the folder's one true name, for processes are found by it. */
export async function locate(dir: string): Promise<LabLayout> {
  return layoutOf(await trueName(resolve(dir)));
}

/** A folder that is not there (any more) has the one true name of what it was in. */
async function trueName(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await trueName(parent), basename(path));
  }
}

/** The lab of the folder. @throws MeshplanError `lab-absent` (exit code 3) when there is none. */
export async function requireLab(dir: string): Promise<{ lab: LabLayout; state: LabState }> {
  const lab = await locate(dir);
  const state = await readState(lab);
  if (!state?.complete) {
    throw new MeshplanError('lab-absent', `there is no running lab in ${lab.dir}`, {
      hint: 'Start one with `meshplan lab up`, or name its folder with --dir.',
      exitCode: ExitCode.invalid,
    });
  }
  return { lab, state };
}
