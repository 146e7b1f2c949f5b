import type { KubeObject } from '../model/kube.js';

/** Metadata that the server alone writes; it differs at every write and means nothing to a reader. */
const SERVER_METADATA = [
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** The object as its users see it: no server bookkeeping, no status. */
export function normalise(object: KubeObject): KubeObject {
  const { status: _status, metadata, ...rest } = object;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_METADATA.includes(key)));
  return { ...rest, metadata: kept } as KubeObject;
}
