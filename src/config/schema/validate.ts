import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import type { MeshFile } from '../../model/mesh.js';
import type { Findings } from '../findings.js';
import { type SourceNode, toPlain } from '../yaml/source-node.js';
import { describeProblem } from './describe.js';
import { misfitPath, misfits } from './misfits.js';
import { prune } from './prune.js';
import { fillRequired } from './stand-ins.js';

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
  const validate = compiledSchema();
  for (const problem of misfits(validate, tree)) describeProblem(tree, problem, findings);
  let rest: SourceNode | undefined = fillRequired(tree);
  while (rest !== undefined) {
    const problems = misfits(validate, rest);
    if (problems.length === 0) return { tree: rest, file: toPlain(rest) as unknown as MeshFile };
    const pruned = prune(rest, problems.map(misfitPath));
    rest = pruned && fillRequired(pruned);
  }
  return undefined;
}

let compiled: ValidateFunction | undefined;

/** Compiling takes longer than checking a file, and a program may load many. */
function compiledSchema(): ValidateFunction {
  if (compiled) return compiled;
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, strictRequired: false });
  ajv.addVocabulary(['x-expected', 'tsType']);
  compiled = ajv.compile(JSON.parse(schemaText()));
  return compiled;
}
