import type { Operation } from 'fast-json-patch';
import type { KubeObject } from '../model/kube.js';
import { Unknown } from '../model/unknown.js';

/** What stands in a plan where a Secret's value would. */
export const MASK = '(sensitive value)';

/** kubectl keeps a copy of all values of an object in this annotation. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether an object's values must never be shown. */
export const isSensitive = (object: Pick<KubeObject, 'kind' | 'apiVersion'>) =>
  object.kind === 'Secret' && object.apiVersion === 'v1';

/** A Secret whose values are replaced; unknowns stay, for they tell nothing but their origin. */
export function maskObject(object: KubeObject): KubeObject {
  if (!isSensitive(object)) return object;
  const masked: KubeObject = { ...object };
  for (const field of ['data', 'stringData']) {
    if (field in masked) masked[field] = maskValue(masked[field]);
  }
  const { annotations } = object.metadata;
  if (annotations && LAST_APPLIED in annotations) {
    masked.metadata = { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: MASK } };
  }
  return masked;
}

/** Operations on a Secret with every value of `data` and `stringData` replaced. */
export function maskPatch(operations: Operation[]): Operation[] {
  return operations.map((operation) => {
    if (!('value' in operation)) return operation;
    if (operation.path === '') return { ...operation, value: maskObject(operation.value as KubeObject) };
    const isValue = /^\/(data|stringData)(\/|$)/.test(operation.path);
    const isCopy =
      operation.path.includes('last-applied-configuration') || operation.path.endsWith('/annotations');
    return isValue || isCopy ? { ...operation, value: maskValue(operation.value) } : operation;
  });
}

function maskValue(value: unknown): unknown {
  if (value instanceof Unknown) return value;
  if (typeof value !== 'object' || value === null) return MASK;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, maskValue(child)]));
}
