import type { Command, Option } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createProgram } from '../../../src/cli/program.js';
import { EXAMPLE_FILES, PAGES, read, sources, unique } from './support.js';

const program = createProgram(() => {});

/** What is wrong with a command line: flags that its command does not have, and values that a flag does not take. */
function faultsOf(words: string[]): string[] {
  let command: Command = program;
  let rest = words;
  for (let next = named(command, rest[0]); next && rest.length > 0; next = named(command, rest[0])) {
    command = next;
    rest = rest.slice(1);
  }
  const faults: string[] = [];
  for (const [index, word] of rest.entries()) {
    // What follows is a command line of its own.
    if (word === '--')
      return [...faults, ...(rest[index + 1] === 'meshplan' ? faultsOf(rest.slice(index + 2)) : [])];
    if (!/^--?[a-z]/i.test(word)) continue;
    const [flag = '', given = rest[index + 1]] = word.split('=');
    const option = optionOf(command, flag);
    if (!option) faults.push(`${command.name()} has no ${flag}`);
    else if (!takes(option, given)) faults.push(`${command.name()} ${flag} does not take ${given}`);
  }
  return faults;
}

const named = (command: Command, word: string | undefined) =>
  command.commands.find((child) => child.name() === word);

const optionOf = (command: Command, flag: string): Option | undefined =>
  command.options.find(({ long, short }) => long === flag || short === flag);

/** A placeholder such as LEVEL stands for any value; several values may stand beside each other. */
const takes = ({ argChoices }: Option, given: string | undefined) =>
  !argChoices ||
  !given ||
  /^[A-Z]/.test(given) ||
  given.split(/\\?\|/).every((value) => argChoices.includes(value));

/** Every command line in a text, as words. */
const linesIn = (text: string): string[][] =>
  [...text.replaceAll('\\n', '\n').matchAll(/\bmeshplan ([a-z][^\n`'"$)]*)/g)]
    .map(([, line = '']) => (line.split(/ [|>&#]|[,;.]( |$)/)[0] ?? '').trim().split(/\s+/))
    .filter(([first]) => named(program, first));

const checked = (files: { file: string; text: string }[]) => {
  const lines = files.flatMap(({ file, text }) => linesIn(text).map((words) => ({ file, words })));
  const faults = lines.flatMap(({ file, words }) =>
    faultsOf(words).map((fault) => `${file}: meshplan ${words.join(' ')}: ${fault}`),
  );
  return {
    faults: unique(faults),
    withFlags: lines.filter(({ words }) => words.some((word) => word.startsWith('-'))).length,
  };
};

test('a wrong flag and a wrong value are found', () => {
  assert.equal(faultsOf(['plan', '--no-such', '-o', 'xml']), [
    'plan has no --no-such',
    'plan -o does not take xml',
  ]);
  assert.equal(faultsOf(['lab', 'exec', '--', 'meshplan', 'apply', '--destroy']), ['apply has no --destroy']);
  assert.equal(faultsOf(['drift', '-o', 'sarif', '--target', 'cluster-1/**']), []);
});

test('command lines in the pages have flags and values that their commands take', () => {
  const { faults, withFlags } = checked(PAGES.map((file) => ({ file, text: read(file) })));
  assert.equal(faults, []);
  assert.ok(withFlags > 10, `${withFlags}`);
});

test('those in examples, too', () => {
  const { faults, withFlags } = checked(EXAMPLE_FILES.map((file) => ({ file, text: read(file) })));
  assert.equal(faults, []);
  assert.ok(withFlags > 0);
});

test('and those in help, hints and messages', () => {
  const { faults, withFlags } = checked(sources());
  assert.equal(faults, []);
  assert.ok(withFlags > 10, `${withFlags}`);
});

test.run();
