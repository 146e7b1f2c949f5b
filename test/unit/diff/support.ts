import type { KubeObject, ManagedFieldsEntry } from '../../../src/model/kube.js';

/** A ConfigMap-like object with the given fields beside its metadata. */
export function objectOf(
  fields: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
  kind = 'Widget',
): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'a', namespace: 'n', ...metadata }, ...fields };
}

/** An entry of managedFields. */
export const managed = (
  manager: string,
  fieldsV1: Record<string, unknown>,
  rest: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry => ({ manager, operation: 'Apply', fieldsV1, ...rest });

/** A generator of pseudo random numbers in [0, 1) (mulberry32), so that a failure can be seen again. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    return (((mixed ^ (mixed >>> 7)) >>> 0) % 1_000_003) / 1_000_003;
  };
}
