import { isMap, type JsonMap as Schema } from '../../model/json.js';

/** Keywords that mean the same in JSON Schema, and hold no schemas. */
const PLAIN = [
  'type',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];

/** What every object may have; the API server checks these itself. */
const OBJECT_FIELDS: Schema = { apiVersion: {}, kind: {}, metadata: {} };

/**
 * The openAPIV3Schema of a CRD as JSON Schema for ajv, as the API server means it: a field that is not
 * listed is a mistake (an apply refuses it), a required field with a default may be left out, and rules
 * in CEL are left to the server. Only what `object` has is taken over, beside the names of all fields:
 * the whole schema of a VirtualService takes ajv a quarter of a second.
 */
export function toJsonSchema(schema: Schema, object: unknown): Schema {
  const whole = convert(schema, [object]);
  return { ...whole, properties: { ...(whole.properties as Schema | undefined), ...OBJECT_FIELDS } };
}

/** `values`: everything that stands where the schema applies. */
function convert(schema: Schema, values: unknown[]): Schema {
  const result: Schema = {};
  for (const key of PLAIN) if (schema[key] !== undefined) result[key] = schema[key];
  if (result.pattern !== undefined && !isPattern(result.pattern)) delete result.pattern;
  limit(schema, result, 'minimum', 'exclusiveMinimum');
  limit(schema, result, 'maximum', 'exclusiveMaximum');
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    // In a structural schema these only add conditions to fields that are listed outside of them.
    if (Array.isArray(schema[key]))
      result[key] = (schema[key] as Schema[]).map((item) => convertCondition(item, values));
  }
  if (isMap(schema.not)) result.not = convertCondition(schema.not, values);
  if (isMap(schema.items)) result.items = convert(schema.items, values.filter(Array.isArray).flat());
  if (schema['x-kubernetes-int-or-string'] === true) result.type = ['integer', 'string'];
  if (schema.nullable === true) allowNull(result);
  return { ...result, ...fields(schema, values.filter(isMap)) };
}

function convertCondition(schema: Schema, values: unknown[]): Schema {
  const { additionalProperties: _, ...result } = convert(schema, values);
  return result;
}

function fields(schema: Schema, values: Schema[]): Schema {
  const properties = isMap(schema.properties) ? schema.properties : undefined;
  const required = Array.isArray(schema.required)
    ? schema.required.filter((name) => (properties?.[name] as Schema | undefined)?.default === undefined)
    : [];
  const known = properties && mapValues(properties, values);
  const embedded = schema['x-kubernetes-embedded-resource'] === true ? OBJECT_FIELDS : {};
  return {
    ...(known ? { properties: { ...known, ...embedded } } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...others(schema, properties, values),
  };
}

/** What fields beside the listed ones may be. */
function others(schema: Schema, properties: Schema | undefined, values: Schema[]): Schema {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return {};
  const { additionalProperties } = schema;
  if (isMap(additionalProperties)) {
    return { additionalProperties: convert(additionalProperties, values.flatMap(Object.values)) };
  }
  return additionalProperties !== true && properties ? { additionalProperties: false } : {};
}

function mapValues(properties: Schema, values: Schema[]): Schema {
  const entries = Object.entries(properties).map(([name, schema]) => {
    const found = values.flatMap((value) => (Object.hasOwn(value, name) ? [value[name]] : []));
    return [name, isMap(schema) && found.length > 0 ? convert(schema, found) : {}];
  });
  return Object.fromEntries(entries);
}

/** OpenAPI 3.0 says `exclusiveMinimum: true` beside the minimum; JSON Schema gives the limit itself. */
function limit(schema: Schema, result: Schema, bound: string, exclusive: string): void {
  if (schema[exclusive] !== true || schema[bound] === undefined) return;
  result[exclusive] = schema[bound];
  delete result[bound];
}

function allowNull(result: Schema): void {
  if (result.type !== undefined) result.type = [result.type, 'null'].flat();
  if (Array.isArray(result.enum)) result.enum = [...result.enum, null];
}

/** Patterns are RE2's; the few that JavaScript does not know are left to the server. */
function isPattern(pattern: unknown): boolean {
  try {
    new RegExp(String(pattern));
    return true;
  } catch {
    return false;
  }
}
