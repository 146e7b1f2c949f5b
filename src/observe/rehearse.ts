import { objectPath } from '../cluster/paths.js';
import { getObject } from '../cluster/read.js';
import { unreadBecause } from '../cluster/unread.js';
import { applyObject } from '../cluster/write.js';
import { ApiError } from '../errors/index.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { findUnknowns } from '../model/unknown.js';
import type { Observation } from './observe.js';
import { faultOf, isAdmissionAnswer } from './refusal.js';

/** A namespace that every cluster has. */
const STAGE = 'default';

/**
 * What can be told of an object whose namespace is still to come: the same apply as a dry-run in a
 * namespace that is there. A wrong type, an unknown field or an invalid value shows the same in both;
 * what permissions, quotas and policies of that other namespace say tells nothing.
 * @throws UnreachableError, and ApiError 401: then the whole cluster cannot be asked.
 */
export async function rehearse(
  cluster: Cluster,
  resource: ApiResource,
  object: KubeObject,
): Promise<Observation> {
  if (findUnknowns(object).length > 0) return { type: 'absent' };
  const double = { ...object, metadata: { ...object.metadata, namespace: STAGE } };
  try {
    await applyObject(cluster, resource, double, { force: true, dryRun: true });
    return { type: 'absent' };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = isAdmissionAnswer(error) ? undefined : faultOf(error);
    if (message === undefined) return { type: 'absent' };
    // One of the same name lives there, so this was an update of it, with faults of its own.
    const seen = await mayBeUpdate(cluster, objectPath(resource, object.metadata.name, STAGE));
    return seen ? { type: 'absent' } : { type: 'invalid', message, declared: true };
  }
}

/** Also where one may not look there. */
async function mayBeUpdate(cluster: Cluster, path: string): Promise<boolean> {
  try {
    return (await getObject(cluster, path)) !== undefined;
  } catch (error) {
    if (unreadBecause(error)) return true;
    throw error;
  }
}
