import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ensureFamilies } from '../../src/lab/binaries/ensure.js';
import { describeEvent, ensureBinaries, findCachedBinary } from '../../src/lab/binaries/index.js';
import { LEVELS } from '../../src/lab/binaries/levels.js';
import type { Settings } from '../../src/lab/binaries/types.js';
import { family, settings, tempDir, until } from '../unit/lab-binaries/support.js';

/** A module of two small programs that only the standard library is needed for. */
function writePrograms(own: Settings): void {
  const dir = join(own.modulesDir, 'tools');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'go.mod'), 'module example.test/tools\n\ngo 1.26.0\n');
  for (const name of ['alpha', 'beta']) {
    mkdirSync(join(dir, name));
    const main = `import "fmt"\n\nvar version string\n\nfunc main() { fmt.Println("${name}", "v"+version) }\n`;
    writeFileSync(join(dir, name, 'main.go'), `package main\n\n${main}`);
  }
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
}

test('Go builds a family from its module, with the flags of its row', async () => {
  const { settings: own } = settings();
  writePrograms(own);
  const row = family({ build: { module: 'tools', ldflags: '-s -w -X main.version=1.2.3' } });
  const paths = await ensureFamilies([row], undefined, own);
  assert.is(execFileSync(paths.alpha ?? '', { encoding: 'utf8' }), 'alpha v1.2.3\n');
});

test('a file of the source code comes with the binaries', async () => {
  const { settings: own } = settings();
  writePrograms(own);
  const dir = join(own.modulesDir, 'tools');
  mkdirSync(join(dir, 'data'));
  writeFileSync(join(dir, 'data', 'notes.json'), '{}', { mode: 0o444 });
  const row = family({
    build: { module: 'tools', ldflags: '-X main.version=1.2.3', tags: ['one', 'two'] },
    files: [{ name: 'notes.json', module: 'example.test/tools', path: 'data/notes.json' }],
  });
  const paths = await ensureFamilies([row], undefined, own);
  assert.is(readFileSync(paths['notes.json'] ?? '', 'utf8'), '{}');
});

test('a go.mod that asks for a newer Go than there is fails before the build', async () => {
  // `local` keeps Go from asking the network for the newer one.
  const { settings: own } = settings({ env: { ...process.env, GOTOOLCHAIN: 'local' } });
  writePrograms(own);
  writeFileSync(join(own.modulesDir, 'tools', 'go.mod'), 'module example.test/tools\n\ngo 1.999.0\n');
  const message = await ensureFamilies([family()], undefined, own).then(
    () => 'built',
    (error: Error) => error.message,
  );
  assert.match(message, 'build: Go 1.999.0 or newer is needed: the go on PATH is ');
});

test('an abort in the middle of a real compilation ends every compiler process', async () => {
  const abort = new AbortController();
  const { settings: own } = settings({
    signal: abort.signal,
    // An empty build cache makes Go compile its standard library, which takes long enough.
    env: { ...process.env, GOCACHE: tempDir() },
  });
  writePrograms(own);
  const working = () =>
    commandLines().filter((line) => line.includes(own.cacheDir) && line.includes('/compile'));
  const running = ensureFamilies([family()], undefined, own).catch((error: Error) => error.message);
  await until(() => working().length > 0, 'a compiler');
  abort.abort();
  assert.is(await running, 'interrupted while getting the cluster binaries');
  assert.equal(working(), []);
  assert.equal(readdirSync(own.cacheDir), []);
});

test('every binary of the lab is there and tells the version of its row', async () => {
  const lines: string[] = [];
  const paths = await ensureBinaries({ level: 1, onEvent: (event) => lines.push(describeEvent(event)) });
  for (const { accepts, binaries } of LEVELS[1]) {
    for (const { name, versionArgs, versionOutput } of binaries) {
      const path: string | undefined = Object.entries(paths).find(([key]) => key === name)?.[1];
      assert.ok(path, `${name} is found; steps were:\n${lines.join('\n')}`);
      const output = execFileSync(path, [...versionArgs], { encoding: 'utf8', stdio: 'pipe' });
      const wanted = 'exact' in accepts ? accepts.exact : accepts.minor;
      assert.ok(versionOutput.exec(output)?.[1]?.startsWith(wanted), `${name}: ${output}`);
    }
  }
});

test('a binary that the cache holds is found there without looking further', async () => {
  const paths = await ensureBinaries({ level: 1 });
  const cached = await findCachedBinary('istioctl');
  assert.ok(cached === undefined || cached.endsWith('/istioctl'));
  if (paths.istioctl.includes('/bin/istio-')) assert.is(cached, paths.istioctl);
});

test.run();
