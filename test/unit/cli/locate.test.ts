import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { istioctlCandidates, noIstioctl, satisfies } from '../../../src/istioctl/locate.js';

const test = suite('which istioctl');

const versions: [wanted: string, actual: string, fits: boolean][] = [
  ['1.31', '1.31.0', true],
  ['1.31', '1.31.2', true],
  ['1.31', '1.31-dev', true],
  ['1.31', '1.31-alpha.4ab0f2c', true],
  ['1.31', '1.31.0-rc.1', true],
  ['1.31', '1.32.0', false],
  ['1.31', '1.310.0', false],
  ['1.3', '1.31.2', false],
  ['1.31', '2.31.0', false],
  ['1.31', 'unknown', false],
  ['1.31.2', '1.31.2', true],
  ['1.31.2', '1.31.3', false],
  ['1.31.2', '1.31', false],
  ['1.31.2', '1.31-dev', false],
  ['1.31.2', '1.31.2-rc.1', false],
  ['1.31.2-rc.1', '1.31.2-rc.1', true],
  ['1.31.2', '1.31.20', false],
  ['1.31.2', 'unknown', false],
  ['1.31-dev', '1.31-dev', true],
  ['1.31-dev', '1.31.2', false],
];
for (const [wanted, actual, fits] of versions) {
  test(`${actual} is ${fits ? '' : 'not '}enough for ${wanted}`, () =>
    assert.is(satisfies(actual, wanted), fits));
}

let folder = '';
test.before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'meshplan-locate-')));
  for (const name of ['one', 'two', 'plain', 'empty']) await mkdir(join(folder, name));
  for (const name of ['one', 'two']) {
    await writeFile(join(folder, name, 'istioctl'), '');
    await chmod(join(folder, name, 'istioctl'), 0o755);
  }
  await writeFile(join(folder, 'plain', 'istioctl'), '', { mode: 0o644 });
});
test.after(() => rm(folder, { recursive: true, force: true }));

const pathOf = (...names: string[]) => names.map((name) => join(folder, name)).join(delimiter);
const cached = async () => '/cache/istioctl';
const none = async () => undefined;

test('the named one is the only one, even where it does not exist', async () => {
  const named = join(folder, 'missing');
  assert.equal(await istioctlCandidates({ named, path: pathOf('one'), cached }), [named]);
});

test('else those on PATH in its order, then the cached one', async () => {
  const found = await istioctlCandidates({ named: undefined, path: pathOf('two', 'empty', 'one'), cached });
  assert.equal(found, [join(folder, 'two', 'istioctl'), join(folder, 'one', 'istioctl'), '/cache/istioctl']);
});

test('a file that cannot be run is passed over', async () => {
  assert.equal(await istioctlCandidates({ named: undefined, path: pathOf('plain', 'one'), cached: none }), [
    join(folder, 'one', 'istioctl'),
  ]);
});

test('no PATH, no cache: none', async () => {
  for (const path of [undefined, '', delimiter])
    assert.equal(await istioctlCandidates({ named: undefined, path, cached: none }), []);
});

test('the error names each that was tried with its version, and ends with 3', () => {
  const error = noIstioctl('1.31', [
    { path: '/a/istioctl', version: '1.30.1' },
    { path: '/b/istioctl', version: '1.29.0' },
  ]);
  assert.is(error.code, 'istioctl-version');
  assert.is(error.exitCode, 3);
  assert.is(error.message, 'mesh.yaml wants Istio 1.31, but /a/istioctl is 1.30.1; /b/istioctl is 1.29.0');
  assert.match(error.hint ?? '', '--istioctl');
});

test('where there is none at all, the error says where it is looked for', () => {
  const error = noIstioctl('1.31', []);
  assert.is(error.code, 'istioctl-missing');
  assert.is(error.exitCode, 3);
  for (const place of ['PATH', '--istioctl', 'MESHPLAN_ISTIOCTL']) assert.match(error.hint ?? '', place);
});

test.run();
