import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../../../src/index.js';
import { LINT_RULES } from '../../../src/lint/rules.js';
import { ACTION_KINDS, IMPACTS } from '../../../src/model/action.js';
import { DRIFT_LENSES, DRIFT_RULES } from '../../../src/model/drift.js';
import { CHANGES, REASONS } from '../../../src/model/plan.js';
import { TRAFFIC_REASONS, TRAFFIC_REQUEST } from '../../../src/model/traffic.js';
import { firstCells, matches, ROOT, read, section, sources, unique } from './support.js';

/** The ways in which the sources name the code of a finding or a failure. */
const NAMINGS = [
  /new (?:MeshplanError|BlockedError)\(\s*'([a-z0-9-]+)'/g,
  /findings\.(?:error|warning)\(\s*'([a-z0-9-]+)'/g,
  /(?:\bcaError|\binvalid|#refuse)\(\s*'([a-z0-9]+(?:-[a-z0-9]+)+)'/g,
  /\bcode: '([a-z0-9-]+)'/g,
  /super\('([a-z0-9-]+)'/g,
];

/** What is wrong with a live `cacerts` decides whether it is renewed, and is never shown as a code. */
const INTERNAL = join('src', 'pki', 'check.ts');

test('docs/diagnostics.md has every code of the sources, and no others', () => {
  const named = sources()
    .filter(({ file }) => file !== INTERNAL)
    .flatMap(({ text }) => NAMINGS.flatMap((naming) => matches(text, naming)));
  const used = [...named, ...Object.keys(LINT_RULES)];
  const described = [
    ...firstCells(read('docs/diagnostics.md')),
    ...matches(section('docs/diagnostics.md', '## Defects'), /`([^`]+)`/g),
  ];
  assert.equal(unique(described), unique(used));
  assert.ok(used.length > 100);
});

test('warnings are called so', () => {
  const warnings = sources('config').flatMap(({ text }) => matches(text, /\.warning\(\s*'([a-z0-9-]+)'/g));
  const mild = Object.entries(LINT_RULES).flatMap(([rule, severity]) =>
    severity === 'warning' ? [rule] : [],
  );
  const rows = read('docs/diagnostics.md').split('\n');
  const called = rows.filter((row) => /^\| `[^|]+\| warning: /.test(row)).flatMap(firstCells);
  assert.equal(unique(called), unique([...warnings, ...mild]));
});

const LISTS: [string, readonly string[]][] = [
  ['## Actions', ACTION_KINDS],
  ['## Changes', CHANGES],
  ['## Reasons', REASONS],
  ['## Impact', IMPACTS],
];

for (const [heading, list] of LISTS) {
  test(`docs/plan.md, ${heading.slice(3)}: the list of the sources, in its order`, () => {
    assert.equal(firstCells(section('docs/plan.md', heading)), [...list]);
  });
}

for (const [heading, list] of [
  ['## Lenses', DRIFT_LENSES],
  ['## Rules', DRIFT_RULES],
] as const) {
  test(`docs/drift.md, ${heading.slice(3)}: the list of the sources, in its order`, () => {
    assert.equal(firstCells(section('docs/drift.md', heading)), [...list]);
  });
}

test('docs/traffic.md has every reason of a failed cell, in the order of the sources', () => {
  assert.equal(firstCells(section('docs/traffic.md', '## Reasons of a failed cell')), [...TRAFFIC_REASONS]);
});

test('docs/traffic.md has every check', () => {
  const ids = sources('traffic').flatMap(({ text }) => matches(text, /\bid: '(traffic-[a-z-]+)'/g));
  const described = matches(section('docs/traffic.md', '## What it does'), /^- `([a-z-]+)`/gm);
  assert.equal(unique(described), unique([...ids, TRAFFIC_REQUEST]));
});

test('docs/verify.md has every check, in the order of a report', () => {
  const order = matches(read('src/verify/checks/index.ts'), /from '\.\/([a-z-]+)\.js'/g);
  assert.equal(unique(firstCells(read('docs/verify.md'))), order);
  const ids = sources(join('verify', 'checks')).flatMap(({ text }) => matches(text, /\bid: '([a-z-]+)'/g));
  assert.equal(unique(ids), order);
});

test('docs/library.md names what src/index.ts exports', () => {
  const named = matches(read('docs/library.md'), /^\| ([^|]+) \|/gm).flatMap((cell) =>
    matches(cell, /`(\w+)`/g),
  );
  assert.equal(
    named.filter((name) => !(name in library)),
    [],
  );
  assert.ok(named.length > 10);
});

test('docs/lint.md has every rule with its severity', () => {
  const rows = matches(section('docs/lint.md', '## Rules'), /^\| (`[^`]+` \| \w+) \|/gm);
  assert.equal(
    unique(rows),
    unique(Object.entries(LINT_RULES).map(([rule, severity]) => `\`${rule}\` | ${severity}`)),
  );
});

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  definitions?: Record<string, Schema>;
}

test('docs/mesh-yaml.md has every field of the schema', () => {
  const schema = JSON.parse(read('schema/mesh.schema.json')) as Schema;
  const missing = fieldsOf(schema.properties?.spec ?? {}, schema, '').filter((path) => {
    const [, top = '', rest = ''] = /^([^.[]+)(?:\[\])?\.?(.*)$/.exec(path) ?? [];
    if (rest === '') return !firstCells(read('docs/mesh-yaml.md')).includes(`spec.${top}`);
    const cells = firstCells(section('docs/mesh-yaml.md', `## spec.${top}`));
    // A map is described by what is in it.
    return !cells.some(
      (cell) => cell === rest || cell.startsWith(`${rest}.`) || cell.startsWith(`${rest}[]`),
    );
  });
  assert.equal(missing, []);
});

test('docs/mesh-yaml.md has every condition of a cluster selector', () => {
  const schema = JSON.parse(read('schema/mesh.schema.json')) as Schema;
  const described = matches(section('docs/mesh-yaml.md', '## Cluster selectors'), /^\| (`[^|]+) \|/gm);
  assert.equal(
    unique(described.flatMap((cell) => matches(cell, /`([a-z]+)`/g))),
    unique(Object.keys(schema.definitions?.clusterSelector?.properties ?? {})),
  );
});

/** Kinds of map that are described where they are used, or in a section of their own. */
const APART = ['stringMatch', 'controlPlaneOverride', 'clusterSelector'].map(
  (name) => `#/definitions/${name}`,
);

/** Paths of all fields, `traffic[].routes[].to[].weight`. */
function fieldsOf(part: Schema, root: Schema, path: string): string[] {
  const found = part.$ref ? root.definitions?.[part.$ref.replace('#/definitions/', '')] : part;
  if (!found || APART.includes(part.$ref ?? '')) return [];
  // What may be one map or a list of them is described as the map.
  if (found.items && !found.properties) return fieldsOf(found.items, root, `${path}[]`);
  return Object.entries(found.properties ?? {}).flatMap(([key, child]) => {
    const own = path === '' ? key : `${path}.${key}`;
    // `failover` is one row: its items are the pair of `from` and `to`.
    if (own === 'traffic[].failover') return [own];
    return [own, ...fieldsOf(child, root, own)];
  });
}

test('ARCHITECTURE.md has every room with the imports that biome.json allows', () => {
  const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const rows = section('ARCHITECTURE.md', '## Rooms').matchAll(/^\| `([a-z]+)` \|[^|]+\| ([^|]+) \|$/gm);
  const described = new Map([...rows].map((row) => [row[1] ?? '', row[2] ?? '']));
  assert.equal([...described.keys()].sort(), rooms.map((entry) => entry.name).sort());
  const allowed = read('biome.json').matchAll(
    /"src\/([a-z]+) may import only: itself(?:, )?([a-z, ]*) \(see/g,
  );
  for (const [, room = '', imports = ''] of allowed) {
    assert.is(described.get(room), imports === '' ? 'nothing' : imports, room);
    described.delete(room);
  }
  assert.equal([...described.keys()], ['cli']);
});

test('files that ARCHITECTURE.md names are there', () => {
  const named = matches(
    read('ARCHITECTURE.md'),
    /`((?:src|schema|test|scripts)\/[^`\s*]+\.(?:ts|json|mjs))`/g,
  );
  const present = new Set(sources().map(({ file }) => file));
  assert.equal(
    named.filter((file) => file.startsWith('src/') && !present.has(file)),
    [],
  );
  assert.ok(named.length > 15);
});

test.run();
