import { readFileSync } from 'node:fs';

/** The JSON Schema of mesh.yaml, beside `src` in a checkout and beside `dist` in the package. */
const schemaUrl = new URL('../../../schema/mesh.schema.json', import.meta.url);

/** The text of the JSON Schema of mesh.yaml, as `meshplan schema` prints it. */
export function schemaText(): string {
  return readFileSync(schemaUrl, 'utf8');
}
