import type { ResolvedEnvironment } from '../model/resolved-mesh.js';
import { openState, type StateFile } from '../state/index.js';
import { stateFileOf } from './flags.js';

export type OtherEnvironment = ResolvedEnvironment['others'][number];

/** The state of another environment beside the mesh file; a faulty one is told by the commands on it. */
export const openOther = (file: string, { name, mesh }: OtherEnvironment): Promise<StateFile | undefined> =>
  openState(stateFileOf({ file, env: name }), mesh).catch(() => undefined);

/** By UID, the clusters that the states of other environments know: the name of the environment. */
export async function clustersElsewhere(
  file: string,
  { others = [] }: Partial<ResolvedEnvironment> = {},
): Promise<Map<string, string>> {
  const found = await Promise.all(
    others.map(async (other) => {
      const clusters = (await openOther(file, other))?.state.clusters ?? {};
      return Object.values(clusters).map(({ uid }) => [uid, other.name] as const);
    }),
  );
  return new Map(found.flat());
}
