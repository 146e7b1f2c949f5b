import { objectPath } from '../cluster/paths.js';
import { getObject } from '../cluster/read.js';
import { unreadBecause } from '../cluster/unread.js';
import { applyObject, overwriteObject } from '../cluster/write.js';
import { ApiError } from '../errors/index.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { MESH_LABEL, wasAdopted } from '../model/names.js';
import type { Adopts } from '../model/request.js';
import { findUnknowns } from '../model/unknown.js';
import { hasAutoscaler } from './autoscaler.js';
import { keepControllerFields } from './controller-fields.js';
import { inherited } from './inherited.js';
import { makersOf } from './makers.js';
import type { Found, Observation } from './observe.js';
import { otherMeshOf } from './ours.js';
import { overrulingLabels, withoutLabels } from './overruling.js';
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
  adopts?: Adopts;
}

/**
 * Asks the server what an apply of one object would give, and reads what that says.
 * @throws UnreachableError, and ApiError 401: then the whole cluster cannot be asked.
 */
export async function predict(input: PredictInput): Promise<Observation> {
  try {
    return await ask(input);
  } catch (error) {
    const because = unreadBecause(error);
    if (!because) throw error;
    return { type: 'unread', ...because };
  }
}

async function ask(input: PredictInput): Promise<Observation> {
  const { cluster, resource, object } = input;
  const standing = await withAutoscaler(input, await takeOver(input));
  const { ours } = standing;
  if (standing.live?.metadata.deletionTimestamp) {
    return { type: 'absent', terminating: standing.live.metadata.uid ?? '' };
  }
  if (findUnknowns(object).length > 0) {
    const live = standing.live ?? (await readLive(input));
    if (!live) return { type: 'absent' };
    const why = 'a value is not known yet';
    return anotherMesh(live, input.mesh) ?? { type: 'unpredictable', ...standing, live, why };
  }
  const wanted = declaredObject(object, standing);
  if (standing.live && ours && isInOrder(wanted, standing.live)) {
    return { type: 'present', ...standing, live: standing.live, predicted: standing.live };
  }
  try {
    const result = await applyObject(cluster, resource, wanted, { force: ours, dryRun: true });
    if (result.created) return { type: 'absent' };
    const live = standing.live ?? (await readLive(input));
    if (!live) return { type: 'absent' };
    return anotherMesh(live, input.mesh) ?? predictedOf(wanted, { ...standing, live }, result.object);
  } catch (error) {
    if (!(error instanceof ApiError) || isOfKind(error)) throw error;
    const live = standing.live ?? (await readLive(input));
    const mended = await overwritten(input, error, { ...standing, live });
    return mended ?? refused(error, { ...standing, live });
  }
}

const isInOrder = (wanted: KubeObject, live: KubeObject) =>
  isAppliedAsDeclared(wanted, live) && overrulingLabels(wanted, live).length === 0;

/** What comes of an apply, and of taking out of an object of ours what would make it void. */
function predictedOf(wanted: KubeObject, found: Found, applied: KubeObject): Observation {
  const dropped = found.ours ? overrulingLabels(wanted, applied) : [];
  if (dropped.length === 0) return { type: 'present', ...found, predicted: applied };
  return { type: 'present', ...found, predicted: withoutLabels(applied, dropped), dropped };
}

/** How meshplan stands to an object; without a live one it is not known to be there. */
export type Standing = Omit<Found, 'live'> & { live?: KubeObject | undefined };

/** An object that is not ours is ours from this run on where it is adopted; only then it is read at once. */
async function takeOver(input: PredictInput): Promise<Standing> {
  const { ours, adopts, address } = input;
  if (ours || !adopts) return { live: input.live, ours };
  const live = input.live ?? (await readLive(input));
  if (!live || !adopts(address, live)) return { live, ours };
  return { live, ours: true, adoptedFrom: makersOf(live) };
}

/** Adds whether an autoscaler decides the replicas. */
async function withAutoscaler({ cluster, object }: PredictInput, standing: Standing): Promise<Standing> {
  const { live } = standing;
  return live && (await hasAutoscaler(cluster, object, live)) ? { ...standing, autoscaled: true } : standing;
}

const readLive = ({ cluster, resource, object: { metadata } }: PredictInput) =>
  getObject(cluster, objectPath(resource, metadata.name, metadata.namespace));

/** All meshes write as one field manager, so the API server sees no conflict between them. */
function anotherMesh(live: KubeObject, mesh: string): Observation | undefined {
  const otherMesh = otherMeshOf(live, mesh);
  if (otherMesh === undefined) return undefined;
  const causes = [{ field: `metadata.labels.${MESH_LABEL}`, message: `it belongs to mesh ${otherMesh}` }];
  return { type: 'conflict', live, otherMesh, causes };
}

/** What a merge patch would give where the object is ours and an apply is refused as invalid. */
async function overwritten(
  { cluster, resource, object }: PredictInput,
  error: ApiError,
  standing: Standing,
): Promise<Observation | undefined> {
  const { live, ours } = standing;
  if (error.status !== 422 || !ours || !live || isImmutable(error)) return undefined;
  try {
    const wanted = declaredObject(object, standing);
    const predicted = await overwriteObject(cluster, resource, wanted, { dryRun: true });
    return { type: 'present', ...standing, live, predicted, overwrite: true };
  } catch (second) {
    if (second instanceof ApiError) return undefined;
    throw second;
  }
}

/** The ways in which validation says that a field is set once: of most kinds, Services, role bindings, Pods. */
const IMMUTABLE = /immutable|may not change once set|cannot change roleRef|updates may not change fields/;
const isImmutable = (error: ApiError) => IMMUTABLE.test(error.message);

/**
 * What is really sent for an object: fields that istiod or a controller owns as they are live, no label of
 * ours on something that was there before meshplan and stays its owner's, and the mark of what was adopted.
 */
export function declaredObject(
  object: KubeObject,
  { live, ours, adoptedFrom, autoscaled }: Standing,
): KubeObject {
  const kept = live ? keepControllerFields(object, live, autoscaled) : object;
  if (!ours) return withoutLabel(kept);
  return live && (adoptedFrom || wasAdopted(live)) ? inherited(kept, live) : kept;
}

function withoutLabel(object: KubeObject): KubeObject {
  const { [MESH_LABEL]: _, ...labels } = object.metadata.labels ?? {};
  return { ...object, metadata: { ...object.metadata, labels } };
}

function refused(error: ApiError, { live, ours, adoptedFrom }: Standing): Observation {
  if (error.status === 409 && error.reason === 'Conflict' && live) {
    const causes = error.causes.map(({ field, message }) => ({ field: field ?? '', message: message ?? '' }));
    return { type: 'conflict', live, causes };
  }
  // The kind or the namespace has gone since it was looked up.
  if (error.status === 404) return { type: 'absent' };
  const standing = { ours, ...(adoptedFrom ? { adoptedFrom } : {}) };
  // A webhook of the mesh that is itself about to be mended must not stop the plan.
  if (isWebhookFailure(error)) {
    const why = 'an admission webhook does not answer';
    return live ? { type: 'unpredictable', ...standing, live, why } : { type: 'absent' };
  }
  if (error.status === 422 && live && ours && isImmutable(error)) {
    const fields = error.causes.flatMap((cause) =>
      cause.field && IMMUTABLE.test(cause.message ?? '') ? [cause.field] : [],
    );
    return {
      type: 'immutable',
      live,
      message: error.message,
      fields: [...new Set(fields)],
      ...(adoptedFrom ? { adoptedFrom } : {}),
    };
  }
  const fault = faultOf(error);
  if (fault !== undefined) return { type: 'invalid', message: fault, declared: true };
  // 403 of a policy, and whatever else concerns this one object.
  return { type: 'invalid', message: error.message, declared: false };
}

/** Whether an error says nothing about the object itself. */
const isOfKind = (error: ApiError) =>
  error.status === 401 ||
  (unreadBecause(error) !== undefined && !isWebhookFailure(error) && faultOf(error) === undefined);
