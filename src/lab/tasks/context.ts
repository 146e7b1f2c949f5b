import { MeshplanError } from '../../errors/index.js';
import type { LabLayout } from '../layout.js';
import { type LabState, readState } from '../state.js';
import type { LabEvent } from '../types.js';

export interface TaskContext {
  onEvent: (event: LabEvent) => void;
  signal: AbortSignal;
}

/** `lab.json`, which the command has read or written before. @throws MeshplanError `lab-absent`. */
export async function stateOf(lab: LabLayout): Promise<LabState> {
  const state = await readState(lab);
  if (state) return state;
  throw new MeshplanError('lab-absent', `there is no lab in ${lab.dir}`);
}
