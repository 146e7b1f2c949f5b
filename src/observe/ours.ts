import { isAppliedBy } from '../diff/ownership.js';
import type { KubeObject } from '../model/kube.js';
import { FIELD_MANAGER, MESH_LABEL } from '../model/names.js';

/** The mesh, other than `mesh`, that an object says it belongs to. */
export function otherMeshOf({ metadata }: KubeObject, mesh: string): string | undefined {
  const owner = metadata.labels?.[MESH_LABEL];
  return owner === mesh ? undefined : owner;
}

/** Address → UID of what the state file says is ours. */
export type KnownObjects = ReadonlyMap<string, string>;

/**
 * An object is ours when the state knows its UID, or when it carries our label and meshplan applied it.
 * The label alone is not enough: controllers copy labels, e.g. from a Service to its EndpointSlices.
 */
export function isOurs(object: KubeObject, address: string, mesh: string, known: KnownObjects): boolean {
  const { uid, labels } = object.metadata;
  if (uid !== undefined && known.get(address) === uid) return true;
  return labels?.[MESH_LABEL] === mesh && isAppliedBy(object, FIELD_MANAGER);
}
