import type { Invariant } from './invariant.js';
import { valuesOf } from './values.js';

/** Control planes and data planes that disagree about the mesh are several meshes. */
export const meshId: Invariant = {
  code: 'invariant-mesh-id',
  concerns: /^ConfigMap\/values$/,
  violations(state, { clusters }) {
    const known = clusters.flatMap(({ name }) => {
      const id = valuesOf(state, name)?.global?.meshID;
      return id ? [{ name, id }] : [];
    });
    return known.flatMap((one, index) =>
      known
        .slice(index + 1)
        .filter((other) => other.id !== one.id)
        .map((other) => ({
          subject: `${one.name} ${other.name}`,
          what: `${one.name} would belong to mesh ${one.id} and ${other.name} to mesh ${other.id}, so policies and telemetry take each for a stranger to the other`,
          hint: 'Apply the new mesh ID to all clusters at once.',
          severity: 'error' as const,
          passing: true,
        })),
    );
  },
};
