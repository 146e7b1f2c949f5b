import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { ensureFamilies } from '../../../src/lab/binaries/ensure.js';
import type { BinaryEvent, Settings } from '../../../src/lab/binaries/types.js';
import {
  fakeGo,
  family,
  settings,
  tempDir,
  until,
  versionScript,
  writeModule,
  writeProgram,
} from './support.js';

const CACHED = 'tools-1.2.3-linux-amd64';
const FIXTURE = fileURLToPath(new URL('fixtures/ensure.ts', import.meta.url));

/** Settings with the module folder written and a stand-in for `go` first on PATH. */
function buildable(go: string, changes: Partial<Settings> = {}) {
  const made = settings({ env: { ...process.env, PATH: `${go}:${process.env.PATH}` }, ...changes });
  writeModule(made.settings.modulesDir);
  return made;
}

async function failureOf(promise: Promise<unknown>): Promise<MeshplanError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MeshplanError)) throw new Error(`not a MeshplanError: ${error}`);
  return error;
}

function steps(events: BinaryEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'step' ? [`${event.step} ${event.outcome}`] : []));
}

test('from an empty cache each step falls through to the build, which fills the cache', async () => {
  const { settings: own, events } = buildable(fakeGo());
  const paths = await ensureFamilies([family()], undefined, own);
  assert.equal(paths, {
    alpha: join(own.cacheDir, CACHED, 'alpha'),
    beta: join(own.cacheDir, CACHED, 'beta'),
  });
  const expected = ['folder skipped', 'cache skipped', 'path skipped', 'download skipped', 'build used'];
  assert.equal(steps(events), expected);
  assert.equal(readdirSync(own.cacheDir), [CACHED]);
});

test('a full cache is used without looking further', async () => {
  const { settings: own, events } = buildable(fakeGo());
  await ensureFamilies([family()], undefined, own);
  events.length = 0;
  await ensureFamilies([family()], undefined, own);
  assert.equal(steps(events), ['folder skipped', 'cache used']);
});

test('a full cache answers in less than 10 ms', async () => {
  const { settings: own } = buildable(fakeGo());
  await ensureFamilies([family()], undefined, own);
  const durations: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const start = performance.now();
    await ensureFamilies([family()], undefined, own);
    durations.push(performance.now() - start);
  }
  assert.ok(Math.min(...durations) < 10, `took ${durations.join(', ')} ms`);
});

test('a folder that is given comes before the cache, family by family', async () => {
  const { settings: own, events } = buildable(fakeGo());
  const dir = tempDir();
  writeProgram(dir, 'alpha', versionScript('alpha v1.2.3'));
  writeProgram(dir, 'beta', versionScript('beta v1.2.3'));
  const paths = await ensureFamilies([family()], dir, own);
  assert.is(paths.alpha, join(dir, 'alpha'));
  assert.equal(steps(events), ['folder used']);
});

test('a folder that does not exist is an input error', async () => {
  const { settings: own } = buildable(fakeGo());
  const error = await failureOf(ensureFamilies([family()], '/does/not/exist', own));
  assert.equal([error.code, error.exitCode], ['lab-binaries-folder', 3]);
});

test('a cache folder that lost a file is filled again', async () => {
  const { settings: own } = buildable(fakeGo());
  await ensureFamilies([family()], undefined, own);
  rmSync(join(own.cacheDir, CACHED, 'beta'));
  await ensureFamilies([family()], undefined, own);
  assert.ok(existsSync(join(own.cacheDir, CACHED, 'beta')));
  assert.equal(readdirSync(own.cacheDir), [CACHED]);
});

test('without Go the error names every step with its reason, and ways out', async () => {
  const { settings: own } = buildable(tempDir(), { env: { PATH: tempDir() } });
  const error = await failureOf(ensureFamilies([family()], undefined, own));
  assert.is(error.code, 'lab-binaries-missing');
  assert.is(
    error.message,
    [
      'no cluster binaries:',
      'tools 1.2.3 (alpha, beta)',
      '  folder: no folder is given',
      `  cache: ${join(own.cacheDir, CACHED)} has no alpha, beta`,
      '  path: PATH has no alpha, beta',
      '  download: tools publishes no releases',
      '  build: Go 1.26.0 or newer is needed: there is no go on PATH',
    ].join('\n'),
  );
  assert.match(error.hint ?? '', /install Go.*PATH.*MESHPLAN_LAB_BIN/s);
  assert.equal(readdirSync(own.cacheDir), []);
});

for (const version of ['go1.25.9', 'go1.9', 'devel']) {
  test(`a Go that says ${version} is too old for a go.mod with 1.26.0`, async () => {
    const { settings: own } = buildable(fakeGo({ version }));
    const error = await failureOf(ensureFamilies([family()], undefined, own));
    assert.match(
      error.message,
      `Go 1.26.0 or newer is needed: the go on PATH is ${version.replace('go', '')}`,
    );
  });
}

test('a build that fails shows the last lines of the compiler', async () => {
  const { settings: own } = buildable(fakeGo({ build: 'echo "main.go:3: undefined: x" >&2; exit 1' }));
  const error = await failureOf(ensureFamilies([family()], undefined, own));
  assert.match(error.message, 'build: go build ended with code 1\nmain.go:3: undefined: x');
  assert.equal(readdirSync(own.cacheDir), []);
});

test('a build that makes another version than the pinned one is refused', async () => {
  const { settings: own } = buildable(fakeGo());
  const other = family({ version: '1.2.4', accepts: { exact: '1.2.4' } });
  const error = await failureOf(ensureFamilies([other], undefined, own));
  assert.match(error.message, /alpha is 1\.2\.3, not 1\.2\.4/);
  assert.equal(readdirSync(own.cacheDir), []);
});

test('a cache that cannot be made is a clear error', async () => {
  const file = writeProgram(tempDir(), 'file', '');
  const { settings: own } = settings({ cacheDir: join(file, 'bin') });
  assert.is((await failureOf(ensureFamilies([family()], undefined, own))).code, 'lab-cache-unusable');
});

test('an abort ends the compiler with its children and leaves nothing', async () => {
  const marks = tempDir();
  const abort = new AbortController();
  const go = fakeGo({ build: `sleep 600 & echo $! > ${marks}/child; wait` });
  const { settings: own } = buildable(go, { signal: abort.signal });
  const running = failureOf(ensureFamilies([family()], undefined, own));
  await until(() => pidIn(marks) !== undefined, 'the compile child');
  abort.abort();
  const error = await running;
  assert.equal([error.code, error.exitCode], ['interrupted', 130]);
  assert.not(isRunning(pidIn(marks)));
  assert.equal(readdirSync(own.cacheDir), []);
});

test('what a killed process leaves is cleaned by the next one, its compiler included', async () => {
  const marks = tempDir();
  const { settings: own } = buildable(fakeGo());
  const slow = fakeGo({ build: `sleep 600 & echo $! > ${marks}/child; wait` });
  const victim = spawnEnsure(own, slow);
  await until(() => pidIn(marks) !== undefined && hasChildNote(own.cacheDir), 'the compile child');
  victim.child.kill('SIGKILL');
  await victim.ended;
  assert.ok(isRunning(pidIn(marks)), 'the compiler outlives the killed process');
  assert.ok(readdirSync(own.cacheDir).length > 0);
  await ensureFamilies([family()], undefined, own);
  await until(() => !isRunning(pidIn(marks)), 'the end of the left compiler');
  assert.equal(readdirSync(own.cacheDir), [CACHED]);
});

test('two at once: one builds, the other waits, says for whom, and uses the result', async () => {
  const marks = tempDir();
  const { settings: own } = buildable(fakeGo());
  const go = fakeGo({ build: `echo build >> ${marks}/builds; sleep 1` });
  const first = spawnEnsure(own, go);
  const second = spawnEnsure(own, go);
  assert.equal([await first.ended, await second.ended], [0, 0]);
  assert.is(readFileSync(join(marks, 'builds'), 'utf8'), 'build\n');
  const [builder, waiter] = second.events().some(({ type }) => type === 'waiting')
    ? [first, second]
    : [second, first];
  const waiting = waiter.events().find(({ type }) => type === 'waiting');
  assert.is(waiting?.type === 'waiting' && waiting.holderPid, builder.child.pid);
  assert.is(steps(waiter.events()).at(-1), 'cache used');
});

function spawnEnsure(own: Settings, go: string) {
  mkdirSync(own.cacheDir, { recursive: true });
  const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, join(own.cacheDir, '..')], {
    env: { ...process.env, PATH: `${go}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return {
    child,
    ended: new Promise((resolve) => child.once('close', resolve)),
    events: () =>
      output
        .trim()
        .split('\n')
        .map((line): BinaryEvent => JSON.parse(line)),
  };
}

function pidIn(dir: string): number | undefined {
  const path = join(dir, 'child');
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) || undefined : undefined;
}

function hasChildNote(cacheDir: string): boolean {
  return readdirSync(cacheDir).some((name) => existsSync(join(cacheDir, name, 'child.json')));
}

/** A zombie that nobody reaped yet has ended. */
function isRunning(pid: number | undefined): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test.run();
