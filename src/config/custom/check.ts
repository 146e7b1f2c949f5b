import type { ErrorObject, ValidateFunction } from 'ajv';
import { suggestion } from '../../match/nearest.js';
import type { Crd } from '../../model/crd.js';
import type { KubeObject } from '../../model/kube.js';
import { Ajv } from '../ajv.js';
import { Findings } from '../findings.js';
import { describeProblem, type Words } from '../schema/describe.js';
import { misfits } from '../schema/misfits.js';
import { fromPlain, keyPlaceOf, type SourceNode, textAt, toPlain } from '../yaml/source-node.js';
import { toJsonSchema } from './json-schema.js';

/**
 * Reports where a custom resource does not fit the CRD that brings its kind: the schema of its version,
 * and whether the kind lives in a namespace. `tree` is the object with its places.
 */
export function checkCustomResource(crd: Crd, tree: SourceNode, findings: Findings): void {
  const { scope, group, names, versions } = crd.spec;
  const version = versions.find(({ name }) => `${group}/${name}` === textAt(tree, ['apiVersion']));
  checkScope(tree, scope, names.kind, findings);
  const schema = version?.schema?.openAPIV3Schema;
  const validate = schema && compile(schema, toPlain(tree));
  if (!validate) return;
  const words: Words = {
    advice: `see the schema in the CustomResourceDefinition ${crd.metadata.name}`,
    hintForKey: (key, _path, { properties = {} }) => suggestion(key, Object.keys(properties)),
  };
  for (const problem of misfits(validate, tree).filter(isWhole))
    describeProblem(tree, problem, findings, words);
}

/** The same for an object that was not written by hand: what is wrong, in sentences. */
export function misfitsOf(crd: Crd, object: KubeObject): string[] {
  const findings = new Findings();
  checkCustomResource(crd, fromPlain(object, { file: '', line: 1, column: 1 }), findings);
  return findings.sorted().map(({ message }) => message);
}

/** What one alternative lacks says little: the summary, that none fits, stands for all of them. */
const isWhole = ({ schemaPath }: ErrorObject) => !/\/(oneOf|anyOf|not)\/./.test(schemaPath);

/** Undefined for a schema that is itself wrong, which the API server tells of the CRD. */
function compile(schema: Record<string, unknown>, object: unknown): ValidateFunction | undefined {
  try {
    const ajv = new Ajv({
      allErrors: true,
      verbose: true,
      strict: false,
      unicodeRegExp: false,
      validateSchema: false,
      meta: false,
    });
    return ajv.compile(toJsonSchema(schema, object));
  } catch {
    return undefined;
  }
}

function checkScope(tree: SourceNode, scope: string | undefined, kind: string, findings: Findings): void {
  const namespace = textAt(tree, ['metadata', 'namespace']);
  const name = textAt(tree, ['metadata', 'name']);
  if (scope === 'Namespaced' && namespace === undefined) {
    findings.error(
      'namespace-missing',
      keyPlaceOf(tree, ['metadata']),
      `${kind} \`${name}\` does not say its namespace`,
      'add `metadata.namespace` (`default` if that is meant)',
    );
  } else if (scope === 'Cluster' && namespace !== undefined) {
    findings.error(
      'bad-value',
      keyPlaceOf(tree, ['metadata', 'namespace']),
      `${kind} \`${name}\` lives in no namespace, as its CustomResourceDefinition says`,
      'take `metadata.namespace` out',
    );
  }
}
