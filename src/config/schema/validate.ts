import type { ErrorObject } from 'ajv';
import type { MeshFile } from '../../model/mesh.js';
import type { Findings } from '../findings.js';
import { type SourceNode, toPlain } from '../yaml/source-node.js';
import { describeProblem } from './describe.js';
import { validate } from './mesh-validator.js';
import { misfitPath, misfits } from './misfits.js';
import { meantKey } from './misplaced.js';
import { prune } from './prune.js';
import { fillRequired } from './stand-ins.js';

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
  for (const problem of onceEach(misfits(validate, tree))) describeProblem(tree, problem, findings);
  let rest: SourceNode | undefined = fillRequired(tree);
  while (rest !== undefined) {
    const problems = misfits(validate, rest);
    if (problems.length === 0) return { tree: rest, file: toPlain(rest) as unknown as MeshFile };
    const pruned = prune(rest, problems.map(misfitPath));
    rest = pruned && fillRequired(pruned);
  }
  return undefined;
}

/** Without the missing keys that are there, badly spelled: one mistake is told once. */
function onceEach(problems: ErrorObject[]): ErrorObject[] {
  const there = new Set(
    problems.flatMap(({ keyword, instancePath, params, parentSchema }) =>
      keyword === 'additionalProperties'
        ? `${instancePath}/${meantKey(String(params.additionalProperty), parentSchema?.properties ?? {})}`
        : [],
    ),
  );
  return problems.filter(
    ({ keyword, instancePath, params }) =>
      keyword !== 'required' || !there.has(`${instancePath}/${params.missingProperty}`),
  );
}
