import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LINT_RULES, LIVE_RULES, type LintRule } from '../../../src/lint/rules.js';
import { temporaryFolder } from '../../support/folders.js';
import { load } from './support.js';

/*
 * A fixture is a mesh.yaml without its head (that of header.yaml) or with it, and further files after lines
 * `# file: PATH`; those of apps/ are there anyway. Below a line that is to be found stands `#   ^ RULE`, the caret
 * under the column.
 */
const FIXTURES = fileURLToPath(new URL('../../fixtures/lint/', import.meta.url));
const HEADER = readFileSync(join(FIXTURES, 'header.yaml'), 'utf8');
const NOW = new Date('2026-06-30T12:00:00Z');

const namesIn = (folder: string) =>
  readdirSync(join(FIXTURES, folder)).map((name) => name.replace('.yaml', ''));

/** What the markers of a file expect, as `FILE:LINE:COLUMN RULE`. */
function expectedIn(file: string, text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const [, spaces, rule] = /^#( *)\^ ([a-z-]+)$/.exec(line) ?? [];
    return spaces === undefined ? [] : [`${file}:${index}:${spaces.length + 2} ${rule}`];
  });
}

/** Writes the files of a fixture to a folder of its own; what its markers expect. */
function unfold(path: string): string[] {
  const [first = '', ...parts] = readFileSync(path, 'utf8').split(/^# file: /m);
  const mesh = first.startsWith('apiVersion') ? first : HEADER + first;
  const others = parts.map((part): [string, string] => {
    const end = part.indexOf('\n');
    return [part.slice(0, end), part.slice(end + 1)];
  });
  const folder = temporaryFolder();
  process.chdir(folder);
  cpSync(join(FIXTURES, 'apps'), 'apps', { recursive: true });
  for (const [file, text] of [['mesh.yaml', mesh] as [string, string], ...others]) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return [['mesh.yaml', mesh] as [string, string], ...others].flatMap(([file, text]) =>
    expectedIn(file, text),
  );
}

async function findingsOf(folder: string, name: string) {
  const expected = unfold(join(FIXTURES, folder, `${name}.yaml`));
  const { found } = await load('mesh.yaml', { now: NOW });
  const told = found.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`);
  return { expected, found, told };
}

for (const name of namesIn('wrong')) {
  test(`wrong: ${name}`, async () => {
    const { expected, found, told } = await findingsOf('wrong', name);
    assert.equal(told, expected);
    assert.is(found.length, 1);
    const [finding] = found;
    assert.ok(finding?.subject && finding.message && finding.hint);
    assert.is(finding.severity, LINT_RULES[finding.code as LintRule]);
  });
}

for (const name of namesIn('right')) {
  test(`right: ${name}`, async () => {
    const { told } = await findingsOf('right', name);
    assert.equal(told, []);
  });
}

test('every rule that needs no cluster has a wrong mesh', () => {
  const told = namesIn('wrong').flatMap((name) =>
    expectedIn('', readFileSync(join(FIXTURES, 'wrong', `${name}.yaml`), 'utf8')).map(
      (line) => line.split(' ')[1],
    ),
  );
  const missing = Object.keys(LINT_RULES).filter(
    (rule) => !LIVE_RULES.has(rule as LintRule) && !told.includes(rule),
  );
  assert.equal(missing, []);
});

test.run();
