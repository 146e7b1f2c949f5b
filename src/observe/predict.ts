import { objectPath } from '../cluster/paths.js';
import { getObject } from '../cluster/read.js';
import { applyObject, overwriteObject } from '../cluster/write.js';
import { ApiError, UnreachableError } from '../errors/index.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { MESH_LABEL } from '../model/names.js';
import { findUnknowns } from '../model/unknown.js';
import { keepControllerFields } from './controller-fields.js';
import type { Observation } from './observe.js';
import { faultOf, isWebhookFailure } from './refusal.js';
import { isAppliedAsDeclared } from './unchanged.js';

interface PredictInput {
  cluster: Cluster;
  resource: ApiResource;
  object: KubeObject;
  live: KubeObject | undefined;
  ours: boolean;
  address: string;
  mesh: string;
}

/** Asks the server what an apply of one object would give, and reads what that says. */
export async function predict(input: PredictInput): Promise<Observation> {
  const { cluster, resource, object, ours } = input;
  const { name, namespace } = object.metadata;
  const read = () => getObject(cluster, objectPath(resource, name, namespace));
  if (input.live?.metadata.deletionTimestamp) {
    return { type: 'absent', terminating: input.live.metadata.uid ?? '' };
  }
  if (findUnknowns(object).length > 0) {
    const live = input.live ?? (await read());
    if (live && isOfAnotherMesh(live, input.mesh)) return anotherMesh(live);
    return live ? { type: 'unpredictable', live, ours, why: 'a value is not known yet' } : { type: 'absent' };
  }
  const wanted = declaredObject(object, input.live, ours);
  if (input.live && ours && isAppliedAsDeclared(wanted, input.live)) {
    return { type: 'present', live: input.live, predicted: input.live, ours };
  }
  try {
    const result = await applyObject(cluster, resource, wanted, { force: ours, dryRun: true });
    if (result.created) return { type: 'absent' };
    const live = input.live ?? (await read());
    if (live && isOfAnotherMesh(live, input.mesh)) return anotherMesh(live);
    return live ? { type: 'present', live, predicted: result.object, ours } : { type: 'absent' };
  } catch (error) {
    if (error instanceof UnreachableError) return { type: 'unreachable' };
    if (!(error instanceof ApiError)) throw error;
    const live = input.live ?? (await read());
    const mended = await overwritten(input, error, live);
    return mended ?? refused(error, live, ours);
  }
}

const isOfAnotherMesh = ({ metadata }: KubeObject, mesh: string) =>
  metadata.labels?.[MESH_LABEL] !== undefined && metadata.labels[MESH_LABEL] !== mesh;

/** All meshes write as one field manager, so the API server sees no conflict between them. */
const anotherMesh = (live: KubeObject): Observation => ({
  type: 'conflict',
  live,
  causes: [
    {
      field: `metadata.labels.${MESH_LABEL}`,
      message: `it belongs to mesh ${live.metadata.labels?.[MESH_LABEL]}`,
    },
  ],
});

/** What a merge patch would give where the object is ours and an apply is refused as invalid. */
async function overwritten(
  { cluster, resource, object, ours }: PredictInput,
  error: ApiError,
  live: KubeObject | undefined,
): Promise<Observation | undefined> {
  if (error.status !== 422 || !ours || !live || isImmutable(error)) return undefined;
  try {
    const wanted = declaredObject(object, live, ours);
    const predicted = await overwriteObject(cluster, resource, wanted, { dryRun: true });
    return { type: 'present', live, predicted, ours, overwrite: true };
  } catch (second) {
    if (second instanceof ApiError) return undefined;
    throw second;
  }
}

const isImmutable = (error: ApiError) => /immutable|may not change once set/.test(error.message);

/**
 * What is really sent for an object: fields that istiod or a controller owns as they are live, and no
 * label of ours on something that was there before meshplan and stays its owner's.
 */
export function declaredObject(object: KubeObject, live: KubeObject | undefined, ours: boolean): KubeObject {
  const kept = live ? keepControllerFields(object, live) : object;
  return ours ? kept : withoutLabel(kept);
}

function withoutLabel(object: KubeObject): KubeObject {
  const { [MESH_LABEL]: _, ...labels } = object.metadata.labels ?? {};
  return { ...object, metadata: { ...object.metadata, labels } };
}

function refused(error: ApiError, live: KubeObject | undefined, ours: boolean): Observation {
  if (error.status === 409 && error.reason === 'Conflict' && live) {
    const causes = error.causes.map(({ field, message }) => ({ field: field ?? '', message: message ?? '' }));
    return { type: 'conflict', live, causes };
  }
  // The kind or the namespace has gone since it was looked up.
  if (error.status === 404) return { type: 'absent' };
  // A webhook of the mesh that is itself about to be mended must not stop the plan.
  if (isWebhookFailure(error)) {
    const why = 'an admission webhook does not answer';
    return live ? { type: 'unpredictable', live, ours, why } : { type: 'absent' };
  }
  if (error.status === 422 && live && ours && isImmutable(error)) {
    return { type: 'immutable', live, message: error.message };
  }
  const fault = faultOf(error);
  if (fault !== undefined) return { type: 'invalid', message: fault, declared: true };
  // 403 of RBAC or of a policy, and whatever else concerns this one object.
  if (error.status < 500 && error.status !== 401 && error.status !== 429) {
    return { type: 'invalid', message: error.message, declared: false };
  }
  throw error;
}
