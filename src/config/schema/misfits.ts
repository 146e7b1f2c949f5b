import type { ErrorObject, ValidateFunction } from 'ajv';
import { type Path, parsePointer, type SourceNode, toPlain } from '../yaml/source-node.js';

/** The schema errors of a tree, without those that only repeat another: summaries, and second errors of one value. */
export function misfits(validate: ValidateFunction, tree: SourceNode): ErrorObject[] {
  if (validate(toPlain(tree))) return [];
  const seen = new Set<string>();
  return (validate.errors ?? []).filter((error) => {
    if (error.keyword === 'propertyNames') return false;
    const subject = JSON.stringify([misfitPath(error), error.params.missingProperty]);
    if (seen.has(subject)) return false;
    seen.add(subject);
    return true;
  });
}

/** What has to go for the error to go: the unknown or badly named key, or the value itself. */
export function misfitPath(error: ErrorObject): Path {
  const path = parsePointer(error.instancePath);
  const key = error.propertyName ?? error.params.additionalProperty;
  return typeof key === 'string' ? [...path, key] : path;
}
