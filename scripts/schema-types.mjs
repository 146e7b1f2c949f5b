// Writes src/model/mesh.ts, the types of mesh.yaml as written, from schema/mesh.schema.json.
// With --check nothing is written: exit code 1 says that the file is out of date.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const schemaFile = fileURLToPath(new URL('../schema/mesh.schema.json', import.meta.url));
const typesFile = fileURLToPath(new URL('../src/model/mesh.ts', import.meta.url));

const bannerComment = `/**
 * mesh.yaml as written, before defaults and cross references are worked out.
 * Generated from schema/mesh.schema.json: change that file, then run \`npm run types\`.
 */`;

/** The type declarations as one text. Length limits are left to the schema: tuples help no reader. */
async function generate() {
  const schema = JSON.parse(await readFile(schemaFile, 'utf8'));
  return compile(schema, 'MeshFile', {
    bannerComment,
    ignoreMinAndMaxItems: true,
    unknownAny: true,
    format: true,
    style: { singleQuote: true, printWidth: 110 },
  });
}

const wanted = await generate();
if (process.argv.includes('--check')) {
  const present = await readFile(typesFile, 'utf8').catch(() => '');
  if (present !== wanted) {
    process.stderr.write(
      'src/model/mesh.ts is out of date with schema/mesh.schema.json: run `npm run types`\n',
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(typesFile, wanted);
}
