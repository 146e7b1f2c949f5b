import type { DesiredObject } from '../model/action.js';
import type { Diagnostic, SourceRange } from '../model/diagnostic.js';
import { addressOf, refOf } from '../model/kube.js';
import type { Observation } from '../observe/observe.js';
import { HOLDS_DATA } from './objects.js';
import type { PlanInput } from './plan.js';

/** What stands in the way of one desired object; `source` is where its action was declared. */
export function findingsOf(
  { cluster, object, source: written }: DesiredObject,
  observation: Observation | undefined,
  source?: SourceRange,
): Diagnostic[] {
  const address = addressOf(refOf(cluster, object));
  if (observation?.type === 'conflict') {
    const fields = observation.causes.map((cause) => `${cause.field} (${cause.message})`).join('; ');
    return [
      {
        severity: 'error',
        code: 'field-conflict',
        message: `${address} was there before meshplan, and others own fields that are declared: ${fields}`,
        hint: 'Remove the object, or make its fields equal to the declaration.',
      },
    ];
  }
  if (observation?.type === 'immutable' && HOLDS_DATA.has(object.kind)) {
    return [
      {
        severity: 'error',
        code: 'immutable-field',
        message: `${address} would have to be deleted and made anew, with what it holds: ${observation.message}`,
        hint: 'Take the change back, or replace the object by hand.',
      },
    ];
  }
  if (observation?.type === 'invalid') {
    return [
      {
        severity: 'error',
        code: 'invalid-object',
        message: `${address} is refused: ${observation.message}`,
        ...(observation.declared
          ? {
              hint: 'Mend the manifest or the field of mesh.yaml that it comes from.',
              ...(written ?? source),
            }
          : { hint: 'See that your user may do this, and what the policies of the cluster say.' }),
      },
    ];
  }
  return [];
}

/** Why a cluster is missing from a plan. */
export function unreachableFindings({ mesh, facts }: Pick<PlanInput, 'mesh' | 'facts'>): Diagnostic[] {
  return mesh.clusters.flatMap((cluster) => {
    const known = facts.clusters[cluster.name];
    if (!known || known.reachable) return [];
    return [
      {
        severity: 'warning' as const,
        code: 'cluster-unreachable',
        message: `cluster ${cluster.name} cannot be read, so what it needs is not known: ${known.error}`,
        ...(known.hint ? { hint: known.hint } : {}),
        ...cluster.source,
      },
    ];
  });
}
