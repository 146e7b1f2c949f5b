import { spawn } from 'node:child_process';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './support.js';

interface Verdict {
  passed: number;
  skipped: number;
  failed: number;
  output: string;
  problem: string | undefined;
  durationMs: number;
}

interface Runner {
  runFile(
    start: typeof spawn,
    file: string,
    options: { cwd: string; limitMs: number; signal?: AbortSignal },
  ): Promise<Verdict>;
}

const { runFile } = (await import(new URL('../../../scripts/test-file.mjs', import.meta.url).href)) as Runner;

/** Three at a time, for each is a process that mostly loads. */
const limit = pLimit(3);

const run = (name: string, limitMs = 60_000, signal?: AbortSignal) =>
  limit(() =>
    runFile(spawn, join(ROOT, 'test/fixtures/runner', `${name}.ts`), {
      cwd: ROOT,
      limitMs,
      ...(signal ? { signal } : {}),
    }),
  );

const test = suite('the runner of test files');

const table: [file: string, passed: number, skipped: number, failed: number, problem: RegExp | undefined][] =
  [
    ['passes', 2, 1, 0, undefined],
    ['all-skipped', 0, 1, 0, undefined],
    ['fails', 1, 0, 1, undefined],
    ['fails-and-skips', 0, 1, 2, undefined],
    ['before-throws', 0, 0, 1, undefined],
    ['one-suite-lost', 1, 0, 1, undefined],
    ['never-run', 0, 0, 1, /ran no test/],
    ['no-test', 0, 0, 1, /ran no test/],
    ['breaks-on-load', 0, 0, 1, /ran no test/],
    ['waits-for-nothing', 0, 0, 1, /ran no test/],
    ['after-throws', 0, 0, 1, /ran no test/],
    ['exit-code', 1, 0, 1, /ended with 5/],
  ];
/** All begin at once; each test waits for its own. */
const verdicts = new Map(table.map(([file]) => [file, run(file)] as const));
const hung = run('hangs', 2_000);
const forgotten = run('leaves-a-process');

for (const [file, passed, skipped, failed, problem] of table) {
  test(`${file}: ${passed} passed, ${skipped} skipped, ${failed} failed`, async () => {
    const verdict = await verdicts.get(file);
    const counts = { passed: verdict?.passed, skipped: verdict?.skipped, failed: verdict?.failed };
    assert.equal(counts, { passed, skipped, failed });
    if (problem) assert.match(verdict?.problem ?? '', problem);
    else assert.is(verdict?.problem, undefined);
  });
}

test('a test that hangs is ended when its time is up', async () => {
  const { failed, problem, durationMs } = await hung;
  assert.is(failed, 1);
  assert.is(problem, 'took longer than 2 s and was ended');
  assert.ok(durationMs < 10_000, `${durationMs} ms`);
});

test('an interruption ends the file', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 1_000);
  const { failed, durationMs } = await run('hangs', 60_000, stop.signal);
  assert.is(failed, 1);
  assert.ok(durationMs < 10_000, `${durationMs} ms`);
});

test('a process that a file leaves behind fails it, and does not hold up the rest', async () => {
  const { passed, failed, problem } = await forgotten;
  // Found out before the process has ended, which it does by itself only after ten seconds.
  assert.is(problem, 'left a process behind that holds its output open');
  assert.equal({ passed, failed }, { passed: 1, failed: 1 });
});

test('what the file printed is kept, without colour', async () => {
  const output = (await verdicts.get('fails'))?.output ?? '';
  assert.match(output, 'breaks');
  assert.match(output, 'broken');
  assert.not.match(output, String.fromCharCode(27));
});

test.run();
