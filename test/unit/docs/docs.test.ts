import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import type { Command } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createProgram } from '../../../src/cli/program.js';
import { loadMesh } from '../../../src/config/index.js';
import { blocks, matches, PAGES, ROOT, read, section, sources, unique } from './support.js';

const everything = PAGES.map(read).join('\n');

/** All commands below one, with the words that call them. */
function commandsOf(command: Command, words: string[] = []): { words: string[]; command: Command }[] {
  return command.commands.flatMap((child) => {
    const path = [...words, child.name()];
    return [{ words: path, command: child }, ...commandsOf(child, path)];
  });
}

const program = createProgram(() => {});
const commands = commandsOf(program);

test('every command stands in the table of the README', () => {
  const table = read('README.md')
    .split('\n')
    .filter((line) => line.startsWith('| `meshplan '))
    .join('\n');
  const leaves = commands.filter(({ command }) => command.commands.length === 0);
  const missing = leaves
    .map(({ words }) => words.join(' '))
    .filter((words) => !new RegExp(`\`(meshplan )?${words}\``).test(table));
  assert.equal(missing, []);
});

test('the pages name no command that is not there', () => {
  const known = new Set(commands.map(({ words }) => words.join(' ')));
  const shell = PAGES.flatMap((page) => blocks(page, 'sh')).join('\n');
  const called = [
    ...shell.matchAll(/\bmeshplan ((?:[a-z]+ ?)+)/g),
    ...everything.matchAll(/`meshplan ((?:[a-z]+ ?)+)[^`]*`/g),
  ].map((match) => (match[1] ?? '').trim());
  assert.equal(
    unique(called).filter((words) => !isKnown(words, known)),
    [],
  );
  assert.ok(called.length > 20);
});

/** Words after the command, such as a cluster's name, are its arguments. */
function isKnown(words: string, known: Set<string>): boolean {
  const [first = '', second = ''] = words.split(' ');
  return known.has(first === 'lab' && second !== '' ? `${first} ${second}` : first);
}

test('every flag is described', () => {
  const flags = commands.flatMap(({ command }) =>
    command.options.map((option) => option.long ?? option.short ?? ''),
  );
  const missing = unique(flags).filter((flag) => !new RegExp(`\`[^\`]*${flag}\\b`).test(everything));
  assert.equal(missing, []);
});

test('every flag in the tables is one of the program', () => {
  const known = new Set(
    [program, ...commands.map(({ command }) => command)].flatMap((command) =>
      command.options.map((option) => option.long),
    ),
  );
  const rows = everything.split('\n').filter((line) => /^\| `-/.test(line));
  const named = rows.flatMap((row) => matches(row.split('|')[1] ?? '', /(--[a-z-]+)/g));
  assert.equal(
    unique(named).filter((flag) => !known.has(flag)),
    [],
  );
  assert.ok(named.length > 10);
});

test('the table of flags names the commands that have them', () => {
  const table = section('README.md', '## Commands').split('| flag | commands | means |')[1] ?? '';
  const rows = [...table.matchAll(/^\| ([^|]*`--[^|]+) \| ([a-z, ]+) \|/gm)];
  let named: string[] = [];
  const wrong: string[] = [];
  for (const [, flags = '', cell = ''] of rows) {
    // Words such as `all that read the file` are no list.
    if (cell !== 'the same') named = cell.split(', ');
    if (named.some((name) => name.includes(' '))) continue;
    for (const flag of matches(flags, /(--[a-z-]+)/g)) {
      const having = program.commands
        .filter((top) =>
          [top, ...top.commands].some(({ options }) => options.some(({ long }) => long === flag)),
        )
        .map((top) => top.name());
      if (unique(having).join() !== unique(named).join()) wrong.push(`${flag}: ${unique(having)}`);
    }
  }
  assert.equal(wrong, []);
  assert.ok(rows.length > 8);
});

test('exit codes are those of src/errors', () => {
  const table = read('README.md').split('| exit code | means |')[1]?.split('\n\n')[0] ?? '';
  const described = matches(table, /^\| (\d+) \|/gm);
  const source = read('src/errors/index.ts').split('export const ExitCode = {')[1]?.split('}')[0] ?? '';
  assert.equal(described, matches(source, /: (\d+),/g));
});

test('environment variables of meshplan are described, and no others', () => {
  const used = unique(sources().flatMap(({ text }) => matches(text, /\b(MESHPLAN_[A-Z_]+)\b/g)));
  const described = unique(matches(everything, /\b(MESHPLAN_[A-Z_]+)\b/g));
  // Those of the tests are for who works on meshplan.
  assert.equal(
    described.filter((name) => !name.startsWith('MESHPLAN_TEST_')),
    used,
  );
});

test('relative links lead to files and headings that are there', () => {
  const broken = PAGES.flatMap((page) =>
    matches(read(page).replace(/```[\s\S]*?```/g, ''), /\]\(([^)]+)\)/g)
      .filter((link) => !/^[a-z]+:/.test(link) && !leads(page, link))
      .map((link) => `${page}: ${link}`),
  );
  assert.equal(broken, []);
});

function leads(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(file).includes(anchor);
}

/** Headings as GitHub names them in links. */
const anchorsOf = (file: string) =>
  matches(read(file), /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('whole mesh files in the pages are valid', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshplan-docs-'));
  try {
    const found = PAGES.flatMap((page) => blocks(page, 'yaml')).filter((text) =>
      /^apiVersion: meshplan/m.test(text),
    );
    assert.ok(found.length >= 2);
    for (const [index, text] of found.entries()) {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, text);
      await loadMesh(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('overlays in the pages fit the first example', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshplan-docs-'));
  try {
    const overlays = blocks('docs/mesh-yaml.md', 'yaml').filter(
      (text) => !/^apiVersion: meshplan/m.test(text),
    );
    assert.is(overlays.length, 2);
    for (const [index, text] of overlays.entries()) {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, text);
      const { diagnostics } = await loadMesh(join(ROOT, 'examples/primary-remote/mesh.yaml'), {
        overlays: [file],
      });
      assert.not(diagnostics.some((item) => item.file === file));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
