import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import type { MeshSource } from './mesh-source.js';

/** What `drift` leaves out, each rule with its place. */
export function resolveDrift(source: MeshSource): ResolvedMesh['drift'] {
  const rules = source.spec.drift?.ignore ?? [];
  return {
    ignore: rules.map(({ address, pointers, manager, reason }, index) => ({
      address,
      ...(pointers === undefined ? {} : { pointers }),
      ...(manager === undefined ? {} : { manager }),
      ...(reason === undefined ? {} : { reason }),
      source: source.at('drift', 'ignore', index),
    })),
  };
}
