import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { callOf } from '../../../src/cli/called-as.js';
import { suggest } from '../../../src/cli/completion/suggest.js';
import { createProgram } from '../../../src/cli/program.js';

const program = createProgram(() => {});

/** What stands in place of the user's files: one name for each placeholder, and the flags that it was asked with. */
const asked: [placeholder: string, given: Record<string, string>][] = [];
const namesOf = async (placeholder: string, given: ReadonlyMap<string, string>) => {
  asked.push([placeholder, Object.fromEntries(given)]);
  return [`some-${placeholder}`];
};

/** Values, and `FILES` where a path may stand; the text is what was typed, a blank at its end begins a word. */
async function offered(text: string): Promise<string[]> {
  const words = text === '' ? [''] : text.split(' ');
  const { values, files } = await suggest(program, words, namesOf);
  return [...values.map(({ value }) => value), ...(files ? ['FILES'] : [])];
}

const test = suite('completion');

const cases: [typed: string, offered: string[]][] = [
  ['st', ['state']],
  ['state ', ['list', 'show', 'forget', 'unlock', 'help']],
  ['state u', ['unlock']],
  ['schema ', []],
  ['nothing-such ', []],
  ['version --o', ['--output']],
  ['version -o ', ['text', 'json']],
  ['version -o j', ['json']],
  ['version --output=', ['--output=text', '--output=json']],
  ['version --output=j', ['--output=json']],
  ['version --quiet=j', []],
  ['plan -f ', ['FILES']],
  ['plan --file=x', ['FILES']],
  ['plan --parallelism ', ['some-n']],
  ['plan -- --o', []],
  ['lab stop ', ['some-cluster']],
  ['lab --no', []],
  ['lab stop some-cluster ', []],
  ['state show ', ['some-address']],
  ['lab exec -- ', ['FILES']],
  ['lab exec -- kubectl get ', ['FILES']],
  ['completion ', ['bash', 'zsh', 'fish']],
];
for (const [typed, expected] of cases) {
  test(`\`meshplan ${typed}\`: ${expected.join(', ') || 'nothing'}`, async () =>
    assert.equal(await offered(typed), expected));
}

test('all commands and all flags of a command are offered', async () => {
  const commands = program.commands.map((command) => command.name());
  assert.equal(await offered(''), [...commands, 'help']);
  const plan = program.commands.find((command) => command.name() === 'plan');
  const flags = plan?.options.map((option) => option.long) ?? [];
  assert.ok(flags.length > 10);
  assert.equal(await offered('plan -'), [...flags, '--help']);
});

test('names are asked for with the flags that were given', async () => {
  asked.length = 0;
  await offered('state --env=x show --file other.yaml ');
  await offered('state show -f other.yaml --env prod ');
  assert.equal(asked, [
    ['address', { file: 'other.yaml' }],
    ['address', { file: 'other.yaml', env: 'prod' }],
  ]);
});

const calls: [program: string, name: string, first: string | undefined][] = [
  ['/usr/bin/meshplan', 'meshplan', 'plan'],
  ['/clone/bin/meshplan.js', 'meshplan', 'plan'],
  ['/usr/bin/kubectl-meshplan', 'kubectl meshplan', 'plan'],
  ['/usr/bin/kubectl_complete-meshplan', 'kubectl meshplan', '__complete'],
];
for (const [file, name, first] of calls) {
  test(`called as ${file}: ${name}`, () => {
    const call = callOf(['node', file, 'plan']);
    assert.is(call.name, name);
    assert.is(call.argv[2], first);
    assert.is(call.argv.at(-1), 'plan');
  });
}

test.run();
