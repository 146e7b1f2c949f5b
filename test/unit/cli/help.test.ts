import type { Command } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createProgram } from '../../../src/cli/program.js';

/** A program with all commands below it, and the words that call each. */
function commandsOf(command: Command, words: string[]): { words: string[]; command: Command }[] {
  const below = command.commands.flatMap((child) => commandsOf(child, [...words, child.name()]));
  return [{ words, command }, ...below];
}

/** The help as it is printed. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

const test = suite('help');
const all = commandsOf(
  createProgram(() => {}),
  ['meshplan'],
);

test('there are commands and groups of commands', () => assert.ok(all.length > 15));

for (const { words, command } of all) {
  test(`${words.join(' ')} --help says what it does, and has an example that calls it`, () => {
    assert.not.equal(command.description(), '');
    const [, examples = ''] = helpOf(command).split(/^Examples?:$/m);
    const lines = examples.split('\n').filter((line) => line.trim() !== '');
    assert.ok(lines.length > 0, 'no example');
    for (const line of lines) assert.match(line, new RegExp(`^  .*\\b${words.join(' ')}\\b`));
  });
}

test("a command's own flags come first, those of the plan next, common ones last", () => {
  const apply = all.find(({ words }) => words.join(' ') === 'meshplan apply');
  assert.ok(apply);
  const help = helpOf(apply.command);
  const headings = [...help.matchAll(/^[A-Z][a-z ]+:$/gm)].map(([heading]) => heading);
  assert.equal(headings, ['Arguments:', 'Options:', 'Options of the plan:', 'Common options:', 'Examples:']);
  const places = ['--auto-approve', '--help', '--target', '--adopt', '--file', '--kubeconfig'].map((flag) =>
    help.indexOf(flag),
  );
  assert.equal(
    places,
    [...places].sort((one, other) => one - other),
  );
});

test('help does not say of a switch that it is off', () => {
  for (const { command } of all) assert.not.match(helpOf(command), /default: false|preset|default: \[\]/);
});

test('as a plugin of kubectl it calls itself so, in usage and examples', () => {
  const program = createProgram(() => {}, 'kubectl meshplan');
  const plan = program.commands.find((command) => command.name() === 'plan');
  assert.ok(plan);
  assert.match(plan.helpInformation(), /^Usage: kubectl meshplan plan /);
});

test.run();
