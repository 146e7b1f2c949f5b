import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaText } from '../../../src/config/index.js';
import { LINT_RULES } from '../../../src/lint/rules.js';
import { enterFixtures, load } from './support.js';

interface Field {
  $ref?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  examples?: unknown[];
  properties?: Record<string, Field>;
  additionalProperties?: boolean | Field;
  items?: Field;
  definitions?: Record<string, Field>;
}

const schema: Field = JSON.parse(schemaText());
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** All fields with their paths; a field that refers to a definition has what it lacks from there. */
function fieldsOf(field: Field, path: string): [string, Field][] {
  const definition = field.$ref ? schema.definitions?.[field.$ref.replace('#/definitions/', '')] : undefined;
  const whole = { ...definition, ...field };
  const { additionalProperties, items } = whole;
  return [
    [path, whole],
    ...Object.entries(whole.properties ?? {}).flatMap(([key, child]) => fieldsOf(child, `${path}.${key}`)),
    ...(typeof additionalProperties === 'object' ? fieldsOf(additionalProperties, `${path}.*`) : []),
    ...(items ? fieldsOf(items, `${path}[]`) : []),
  ];
}

const fields = fieldsOf({ ...schema, examples: [] }, 'mesh');

test('every field has a description and examples', () => {
  for (const [path, field] of fields) {
    assert.ok(field.description, `${path} has a description`);
    assert.ok(field.examples, `${path} has examples`);
  }
});

test('the schema knows every lint rule', () => {
  const { enum: known } = schema.definitions?.lintRule ?? {};
  assert.equal([...(known ?? [])].sort(), Object.keys(LINT_RULES).sort());
});

test('every example and default fits its own field', () => {
  const ajv = new Ajv({ allowUnionTypes: true, strictRequired: false });
  ajv.addVocabulary(['x-expected', 'tsType']);
  for (const [path, { default: value, examples = [], ...field }] of fields) {
    const validate = ajv.compile({ ...field, definitions: schema.definitions });
    for (const example of value === undefined ? examples : [...examples, value]) {
      assert.ok(validate(example), `${path}: ${JSON.stringify(example)} ${ajv.errorsText(validate.errors)}`);
    }
  }
});

test('a mesh that says nothing is resolved to the defaults of the schema', async () => {
  enterFixtures('right');
  const mesh = (await load('minimal.yaml')).loaded?.mesh;
  const cluster = mesh?.clusters[0];
  const defaultOf = (path: string) => fields.find(([name]) => name === `mesh.spec.${path}`)?.[1].default;
  const ca = 'trust.ca';
  assert.equal(
    { ...mesh?.trust, root: mesh?.trust.root.organization, bits: mesh?.trust.root.keyBits },
    {
      domain: defaultOf('trust.domain'),
      source: defaultOf(`${ca}.source`),
      root: defaultOf(`${ca}.root.organization`),
      bits: defaultOf(`${ca}.root.keyBits`),
      intermediates: {
        validityDays: Number.parseInt(String(defaultOf(`${ca}.intermediates.validity`)), 10),
        renewBeforeDays: Number.parseInt(String(defaultOf(`${ca}.intermediates.renewBefore`)), 10),
      },
      remoteKeys: defaultOf(`${ca}.remoteKeys`),
    },
  );
  assert.is(`${mesh?.trust.root.validityDays}d`, defaultOf(`${ca}.root.validity`));
  assert.is(cluster?.network, defaultOf('clusters[].network'));
  assert.is(cluster?.controlPlane.replicas, defaultOf('controlPlane.replicas'));
  assert.is(cluster?.controlPlane.exposure.type, defaultOf('controlPlane.exposure.type'));
  assert.equal(mesh?.monitoring, {
    alerts: defaultOf('monitoring.alerts'),
    dashboards: defaultOf('monitoring.dashboards'),
  });
});

test('the types in src/model/mesh.ts are in sync', () => {
  const check = spawnSync(process.execPath, ['scripts/schema-types.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.is(check.status, 0, check.stderr);
});

test.run();
