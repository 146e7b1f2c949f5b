import { ApiError } from '../errors/index.js';
import type { ApiResource, Cluster, KubeObject, ManagedFieldsEntry } from '../model/kube.js';
import { FIELD_MANAGER, RESTARTED_ANNOTATION, TOUCHED_ANNOTATION } from '../model/names.js';
import { objectPath } from './paths.js';

export interface ApplyOptions {
  /** Take declared fields back from other managers. */
  force: boolean;
  dryRun?: boolean;
}

/**
 * Server-side apply of one object. `created` is true when it did not exist.
 * @throws ApiError 409 with the contested fields in `causes` when not forced.
 */
export async function applyObject(
  cluster: Cluster,
  resource: ApiResource,
  object: KubeObject,
  options: ApplyOptions,
): Promise<{ object: KubeObject; created: boolean }> {
  const { name, namespace } = object.metadata;
  const response = await cluster.request(objectPath(resource, name, namespace), {
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    query: {
      fieldManager: FIELD_MANAGER,
      force: String(options.force),
      ...(options.dryRun ? { dryRun: 'All' } : {}),
    },
    body: object,
  });
  return { object: response.body as KubeObject, created: response.status === 201 };
}

/**
 * Sets declared fields by merge patch, which replaces lists as a whole. For the rare object that a
 * server-side apply cannot mend: where somebody changed the key of a list item (a Service's port number),
 * the apply adds the declared item beside the changed one, and the two may contradict each other.
 */
export async function overwriteObject(
  cluster: Cluster,
  resource: ApiResource,
  object: KubeObject,
  options: { dryRun: boolean },
): Promise<KubeObject> {
  const { name, namespace } = object.metadata;
  const response = await cluster.request(objectPath(resource, name, namespace), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    query: { fieldManager: FIELD_MANAGER, ...(options.dryRun ? { dryRun: 'All' } : {}) },
    body: object,
  });
  return response.body as KubeObject;
}

/**
 * Sets who owns which fields, if the object is still as it was read.
 * @returns false where it has changed since.
 */
export async function setManagedFields(
  cluster: Cluster,
  resource: ApiResource,
  { metadata }: KubeObject,
  managedFields: ManagedFieldsEntry[],
): Promise<boolean> {
  const { name, namespace, resourceVersion } = metadata;
  try {
    await cluster.request(objectPath(resource, name, namespace), {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      query: { fieldManager: FIELD_MANAGER },
      body: { metadata: { resourceVersion, managedFields } },
    });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return false;
    throw error;
  }
}

/** Takes labels out of an object, whoever has set them; `object` says which, if it has still that UID. */
export async function dropLabels(
  cluster: Cluster,
  resource: ApiResource,
  { metadata }: KubeObject,
  labels: readonly string[],
): Promise<KubeObject> {
  const { name, namespace, uid } = metadata;
  const response = await cluster.request(objectPath(resource, name, namespace), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    query: { fieldManager: FIELD_MANAGER },
    body: { metadata: { uid, labels: Object.fromEntries(labels.map((label) => [label, null])) } },
  });
  return response.body as KubeObject;
}

/** Whether a write was refused because another object has taken the name: the UID is a precondition. */
export const isOtherObject = ({ status, message }: ApiError): boolean =>
  status === 409 && /\buid\b/i.test(message);

/**
 * Deletes one object if it still has this UID; whatever else stands there now is left alone.
 * Dependents are removed in the background by the garbage collector.
 * Where there is nothing (any more) to delete, all is well.
 */
export async function deleteObject(
  cluster: Cluster,
  resource: ApiResource,
  ref: { name: string; namespace?: string; uid: string },
): Promise<void> {
  try {
    await cluster.request(objectPath(resource, ref.name, ref.namespace), {
      method: 'DELETE',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: ref.uid },
        propagationPolicy: 'Background',
      },
    });
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || isOtherObject(error))) return;
    throw error;
  }
}

/**
 * Sets an annotation and takes it away again: a change that leaves nothing, for a controller that looks at an
 * object only when it has changed.
 */
export async function touchObject(
  cluster: Cluster,
  resource: ApiResource,
  { metadata: { name, namespace } }: KubeObject,
): Promise<void> {
  for (const value of [new Date().toISOString(), null]) {
    await cluster.request(objectPath(resource, name, namespace), {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      query: { fieldManager: FIELD_MANAGER },
      body: { metadata: { annotations: { [TOUCHED_ANNOTATION]: value } } },
    });
  }
}

/**
 * Has the pods of a workload made anew, as `kubectl rollout restart` does. The UID is a precondition; said twice
 * with the same time it is one restart.
 */
export async function restartPods(
  cluster: Cluster,
  resource: ApiResource,
  { name, namespace, uid }: { name: string; namespace?: string; uid?: string },
  restartedAt: string,
): Promise<void> {
  const template = { metadata: { annotations: { [RESTARTED_ANNOTATION]: restartedAt } } };
  await cluster.request(objectPath(resource, name, namespace), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    query: { fieldManager: FIELD_MANAGER },
    body: { ...(uid ? { metadata: { uid } } : {}), spec: { template } },
  });
}
