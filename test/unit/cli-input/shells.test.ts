import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample, temporaryFolder } from '../../support/folders.js';
import { cleanEnvironment, MESHPLAN, run } from '../../support/run.js';

const folder = copyOfExample('primary-remote');
const bin = join(temporaryFolder(), 'bin');
mkdirSync(bin);
for (const name of ['meshplan', 'kubectl-meshplan', 'kubectl_complete-meshplan']) {
  symlinkSync(MESHPLAN, join(bin, name));
}
writeFileSync(join(folder, 'my mesh.yaml'), '');
const env = cleanEnvironment({ PATH: [bin, process.env.PATH].join(delimiter) });

/** How each shell is asked what may become of a line; it prints a value a line. */
const SHELLS: Record<string, { flags: string[]; query: (line: string) => string }> = {
  bash: {
    flags: ['--norc', '-c'],
    query: (line) => `
      source completion.bash
      compopt() { :; }
      COMP_LINE='${line}' COMP_POINT=${line.length}
      $(complete -p meshplan | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
      printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  zsh: {
    flags: ['-f', '-c'],
    query: (line) => `
      compdef() { :; }
      _describe() { printf '%s\\n' "\${(P@)@[-1]}"; }
      _files() { print FILES; }
      source ./completion.zsh
      words=("\${(@s: :):-${line}}") CURRENT=\${#words}
      _meshplan`,
  },
  fish: {
    flags: ['--no-config', '-c'],
    query: (line) => `source completion.fish; complete -C '${line}'`,
  },
};

const test = suite('completion in real shells');

for (const [shell, { flags, query }] of Object.entries(SHELLS)) {
  if (spawnSync(shell, ['--version']).error) {
    test.skip(`${shell} is skipped: it is not installed here`);
    continue;
  }
  const ask = async (line: string): Promise<string[]> => {
    const answer = await run([shell, ...flags, query(line)], { cwd: folder, env });
    assert.is(answer.code, 0, answer.stderr);
    assert.is(answer.stderr, '');
    const lines = answer.stdout.split('\n').filter(Boolean);
    // fish and zsh show what a value means.
    return lines
      .map((text) => (shell === 'zsh' ? text.replace(/(?<!\\):.*/, '') : text.replace(/\t.*/, '')))
      .sort();
  };

  test(`${shell} loads the script`, async () => {
    const script = await run([join(bin, 'meshplan'), 'completion', shell], { cwd: folder, env });
    writeFileSync(join(folder, `completion.${shell}`), script.stdout);
    assert.equal(await ask('meshplan no-such-command '), []);
  });

  test(`${shell} completes commands`, async () => assert.equal(await ask('meshplan sta'), ['state']));

  test(`${shell} completes commands of a group`, async () =>
    assert.equal(
      (await ask('meshplan state ')).filter((word) => word !== 'help'),
      ['forget', 'list', 'show', 'unlock'],
    ));

  test(`${shell} completes flags`, async () =>
    assert.equal(await ask('meshplan plan --over'), ['--overlay']));

  test(`${shell} completes choices`, async () =>
    assert.equal(await ask('meshplan version -o '), ['json', 'text']));

  test(`${shell} completes what follows an equals sign`, async () => {
    const [value] = await ask('meshplan version --output=j');
    assert.is(value, shell === 'bash' ? 'json' : '--output=json');
  });

  test(`${shell} completes clusters of the mesh file`, async () =>
    assert.equal(await ask('meshplan lab stop '), ['cluster-1', 'cluster-2']));

  test(`${shell} completes files where a file stands`, async () => {
    const found = await ask('meshplan plan -f my');
    // bash falls back to its own names of files, which a query does not show.
    assert.equal(found, { bash: [], zsh: ['FILES'], fish: ['my mesh.yaml'] }[shell]);
  });

  test(`${shell} loads the script of a wrong mesh file's folder without a word`, async () =>
    assert.equal(await ask('meshplan lab stop -f "my mesh.yaml" '), []));
}

test('kubectl asks its plugin in its own way', async () => {
  const answer = await run([join(bin, 'kubectl_complete-meshplan'), 'version', '-o', ''], {
    cwd: folder,
    env,
  });
  assert.is(answer.stdout, 'text\njson\n:4\n');
});

test('called as a plugin of kubectl, it calls itself so', async () => {
  const { stdout } = await run([join(bin, 'kubectl-meshplan'), 'plan', '--help'], { cwd: folder, env });
  assert.match(stdout, /^Usage: kubectl meshplan plan /);
  assert.match(stdout, /^ {2}kubectl meshplan plan /m);
});

for (const words of [[], ['state'], ['lab']]) {
  test(`\`${['meshplan', ...words].join(' ')}\` alone shows what there is`, async () => {
    const { code, stdout, stderr } = await run([join(bin, 'meshplan'), ...words], { cwd: folder, env });
    assert.is(code, 0);
    assert.is(stderr, '');
    assert.match(stdout, /^Usage: meshplan .*\[command\]/);
  });
}

test('version -o json', async () => {
  const { stdout } = await run([join(bin, 'meshplan'), 'version', '-o', 'json'], { cwd: folder, env });
  const about = JSON.parse(stdout) as Record<string, string>;
  assert.equal(Object.keys(about), ['version', 'node', 'platform']);
  assert.is(about.node, process.versions.node);
});

test.run();
