import { isAppliedBy } from '../diff/ownership.js';
import { matcher } from '../match/globs.js';
import type { KubeObject } from '../model/kube.js';
import { FIELD_MANAGER, MESH_LABEL } from '../model/names.js';
import type { Adopts, PlanRequest } from '../model/request.js';
import { managersOf } from './makers.js';
import { otherMeshOf } from './ours.js';

/** In place of an address: every object in which this field manager owns fields. */
export const BY_MANAGER = 'manager:';

/** What a run takes over that was there before meshplan; undefined where it was not asked to. */
export function adopterOf({ adopt }: PlanRequest, mesh: string): Adopts | undefined {
  if (adopt === undefined) return undefined;
  const choices = adopt.map(choiceOf);
  return (address, live) => isFree(live, mesh) && choices.some((choice) => choice(address, live));
}

/**
 * All meshes write as one field manager: two of them would take an object from each other for ever. What
 * meshplan made itself needs no adoption, and is not to be kept as it is found.
 */
const isFree = (live: KubeObject, mesh: string) =>
  otherMeshOf(live, mesh) === undefined &&
  !(live.metadata.labels?.[MESH_LABEL] === mesh && isAppliedBy(live, FIELD_MANAGER));

function choiceOf(pattern: string): Adopts {
  if (!pattern.startsWith(BY_MANAGER)) {
    const means = matcher(pattern);
    return (address) => means(address);
  }
  const means = matcher(pattern.slice(BY_MANAGER.length));
  return (_, live: KubeObject) => managersOf(live).some((manager) => means(manager));
}
