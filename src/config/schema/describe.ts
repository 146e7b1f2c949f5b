import type { ErrorObject } from 'ajv';
import { nearest, suggestion } from '../../match/nearest.js';
import type { Findings } from '../findings.js';
import {
  keyPlaceOf,
  type Path,
  parsePointer,
  placeOf,
  type SourceNode,
  showPath,
} from '../yaml/source-node.js';
import { keyHint, type SchemaMap } from './misplaced.js';

/** The parts of the failing schema that messages are made of. */
interface SchemaPart extends SchemaMap {
  type?: string | string[];
  pattern?: string;
  'x-expected'?: string;
  examples?: unknown[];
}

/** What is said beside the error itself, which depends on whose schema it is. */
export interface Words {
  /** The hint where there is no better one. */
  advice: string;
  /** What to do about a key that is unknown in the map at `path`. */
  hintForKey(key: string, path: Path, part: SchemaMap): string;
}

const OF_MESH: Words = { advice: 'see `meshplan schema`', hintForKey: keyHint };

/**
 * Reports one schema error in plain words: `unknown-key` at the key, `missing-key` at the map that lacks it,
 * `wrong-type` and `bad-value` at the value, `bad-name` at a key that is badly named.
 */
export function describeProblem(
  tree: SourceNode,
  error: ErrorObject,
  findings: Findings,
  { advice, hintForKey }: Words = OF_MESH,
): void {
  const path = parsePointer(error.instancePath);
  const part = (error.parentSchema ?? {}) as SchemaPart;
  const name = showPath(path) || 'the file';
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params.additionalProperty);
    const place = keyPlaceOf(tree, [...path, key]);
    findings.error('unknown-key', place, `unknown key \`${key}\` in ${name}`, hintForKey(key, path, part));
  } else if (error.keyword === 'required') {
    const key = String(error.params.missingProperty);
    findings.error('missing-key', keyPlaceOf(tree, path), `${name} lacks \`${key}\``, missingHint(part, key));
  } else if (error.propertyName !== undefined) {
    const place = keyPlaceOf(tree, [...path, error.propertyName]);
    const message = `\`${error.propertyName}\` in ${name} is not ${expected(error, part)}`;
    const known = error.keyword === 'enum' ? (error.params.allowedValues as string[]) : undefined;
    const hint = known ? suggestion(error.propertyName, known) : 'rename the key';
    findings.error('bad-name', place, message, hint);
  } else if (error.keyword === 'type') {
    const message = `${name} has to be ${expected(error, part)}, not ${kindOf(error.data)}`;
    findings.error('wrong-type', placeOf(tree, path), message, typeHint(error, part) ?? advice);
  } else {
    const message = `${name} has to be ${expected(error, part)}, not ${kindOf(error.data)}`;
    findings.error('bad-value', placeOf(tree, path), message, valueHint(error, part) ?? advice);
  }
}

/** What would have been right, as the end of a sentence. */
function expected(error: ErrorObject, part: SchemaPart): string {
  if (part['x-expected'] !== undefined && error.keyword !== 'uniqueItems') return part['x-expected'];
  const limit = String(error.params.limit);
  switch (error.keyword) {
    case 'type':
      return [error.params.type].flat().map(typeName).join(' or ');
    case 'const':
      return `\`${error.params.allowedValue}\``;
    case 'enum':
      return `one of ${allowedValues(error).join(', ')}`;
    case 'minimum':
      return `${limit} or more`;
    case 'maximum':
      return `${limit} or less`;
    case 'minLength':
      return 'a text that is not empty';
    case 'maxLength':
      return `a text of at most ${limit} characters`;
    case 'minItems':
      return 'a list that is not empty';
    case 'minProperties':
      return 'a map that is not empty';
    case 'uniqueItems':
      return 'a list without repetitions';
    case 'pattern':
      return `a text that fits ${error.params.pattern}`;
    case 'oneOf':
    case 'anyOf':
      return 'one of the alternatives in its schema';
    default:
      return `otherwise (${error.message})`;
  }
}

function allowedValues(error: ErrorObject): string[] {
  return (error.params.allowedValues as unknown[]).map(String);
}

function valueHint(error: ErrorObject, part: SchemaPart): string | undefined {
  if (error.keyword === 'enum') return suggestion(String(error.data), allowedValues(error));
  if (error.keyword === 'const') {
    const wanted = String(error.params.allowedValue);
    return nearest(String(error.data), [wanted]) ? `did you mean \`${wanted}\`?` : `write \`${wanted}\``;
  }
  return rewriteHint(error.data, part) ?? exampleHint(part);
}

function typeHint(error: ErrorObject, part: SchemaPart): string | undefined {
  if (error.data === null) return 'give it a value, or take the key out';
  return rewriteHint(error.data, part) ?? exampleHint(part);
}

/** The same value written otherwise, where that would do: in quotes or without, or as a list of one. */
function rewriteHint(value: unknown, { type, pattern, examples = [] }: SchemaPart): string | undefined {
  const types = [type ?? []].flat();
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  if (isPlain && types.includes('string') && new RegExp(pattern ?? '').test(String(value)))
    return 'put the value in quotes';
  if (typeof value !== 'string') return undefined;
  if (types.includes('integer') && /^[0-9]+$/.test(value)) return 'take the quotes away';
  if (!types.includes('array') || value.includes('\n')) return undefined;
  const words = examples.filter((example) => typeof example === 'string');
  return nearest(value, words) ? suggestion(value, words) : `for one write \`[${value}]\``;
}

function exampleHint(part: SchemaPart): string | undefined {
  const example = part.examples?.[0];
  return example === undefined ? undefined : `for example: ${JSON.stringify(example)}`;
}

function missingHint(part: SchemaPart, key: string): string {
  const child = part.properties?.[key] as { description?: string } | undefined;
  const what = child?.description?.split(/[.;](?: |$)/)[0];
  return what === undefined ? `add \`${key}\`` : `add \`${key}\`: ${what}`;
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'empty',
};

function typeName(type: unknown): string {
  return typeNames[String(type)] ?? String(type);
}

/** What was found. Long texts are cut; maps and lists are only named. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  if (typeof value !== 'string') return `the ${typeof value} ${value}`;
  return `the text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`;
}
