import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { MeshFile } from '../../model/mesh.js';
import type { Findings } from '../findings.js';
import { type Path, parsePointer, type SourceNode, toPlain } from '../yaml/source-node.js';
import { describeProblem } from './describe.js';
import { prune } from './prune.js';

/** The JSON Schema of mesh.yaml, beside `src` in a checkout and beside `dist` in the package. */
const schemaUrl = new URL('../../../schema/mesh.schema.json', import.meta.url);

/** The text of the JSON Schema of mesh.yaml, as `meshplan schema` prints it. */
export function schemaText(): string {
  return readFileSync(schemaUrl, 'utf8');
}

/** A mesh file that fits the schema, as a tree and as plain values with the same paths. */
export interface ValidMesh {
  tree: SourceNode;
  file: MeshFile;
}

/**
 * Checks a tree against the schema and reports every misfit. Returns what is left when misfits are taken out,
 * so that the checks of meaning can go on; undefined when nothing useful is left.
 */
export function validateMesh(tree: SourceNode, findings: Findings): ValidMesh | undefined {
  const validate = compileSchema();
  let rest: SourceNode | undefined = tree;
  for (let round = 0; rest !== undefined; round++) {
    const file = toPlain(rest);
    if (validate(file)) return { tree: rest, file: file as unknown as MeshFile };
    const problems = telling(validate.errors ?? []);
    if (round === 0) for (const problem of problems) describeProblem(tree, problem, findings);
    rest = prune(rest, problems.map(misfitPath));
  }
  return undefined;
}

function compileSchema(): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, strictRequired: false });
  ajv.addVocabulary(['x-expected', 'tsType']);
  return ajv.compile(JSON.parse(schemaText()));
}

/** Drops what only repeats another error: the summary of a bad key, and all but the first error of one value. */
function telling(errors: ErrorObject[]): ErrorObject[] {
  const seen = new Set<string>();
  return errors.filter((error) => {
    if (error.keyword === 'propertyNames') return false;
    const subject = JSON.stringify([misfitPath(error), error.params.missingProperty]);
    if (seen.has(subject)) return false;
    seen.add(subject);
    return true;
  });
}

/** What has to go for the error to go: the unknown or badly named key, or the value itself. */
function misfitPath(error: ErrorObject): Path {
  const path = parsePointer(error.instancePath);
  const key = error.propertyName ?? error.params.additionalProperty;
  return typeof key === 'string' ? [...path, key] : path;
}
