import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { schemaText } from './text.js';

/**
 * Checks a value against the JSON Schema of mesh.yaml. The build replaces this file by what `ajv` compiles
 * here (`scripts/bundle.mjs`), for to compile takes longer than all else that `validate` does.
 */
export const validate: ValidateFunction = compileMeshSchema({}).validate;

/** With the compiler itself, of which the build takes the code. */
export function compileMeshSchema(options: Options): { ajv: Ajv; validate: ValidateFunction } {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    strictRequired: false,
    ...options,
  });
  ajv.addVocabulary(['x-expected', 'tsType']);
  return { ajv, validate: ajv.compile(JSON.parse(schemaText())) };
}
