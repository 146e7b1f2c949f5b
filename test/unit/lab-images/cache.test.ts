import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveName, cached } from '../../../src/lab/images/cache.js';
import type { Recipe } from '../../../src/lab/images/types.js';

const dirs: string[] = [];
process.once('exit', () => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'meshplan-images-'));
  dirs.push(dir);
  return dir;
}

function recipeOf(source: string): Recipe {
  return {
    name: 'demo',
    images: [{ reference: 'lab.example/demo:1', entrypoint: ['/demo'] }],
    entries: [{ type: 'copy', path: 'demo', mode: 0o755, source }],
  };
}

test('the name changes with what goes in, and with nothing else', async () => {
  const source = join(tempDir(), 'demo');
  writeFileSync(source, 'one');
  const recipe = recipeOf(source);
  const name = await archiveName(recipe, 'amd64');
  assert.match(name, /^demo-[0-9a-f]{20}\.tar$/);
  assert.is(await archiveName(recipeOf(source), 'amd64'), name);
  const image = { reference: 'lab.example/demo:1', entrypoint: ['/demo', 'x'] };
  const others = [
    await archiveName(recipe, 'arm64'),
    await archiveName({ ...recipe, images: [image] }, 'amd64'),
    await archiveName({ ...recipe, entries: [] }, 'amd64'),
  ];
  writeFileSync(source, 'two and more');
  others.push(await archiveName(recipe, 'amd64'));
  utimesSync(source, 1, 1);
  others.push(await archiveName(recipe, 'amd64'));
  assert.is(new Set([name, ...others]).size, 6);
});

test('an archive is written once, whoever asks', async () => {
  const dir = join(tempDir(), 'images');
  let written = 0;
  const ask = () =>
    cached(dir, 'demo-1.tar', async (draft) => {
      written += 1;
      writeFileSync(draft, 'content');
    });
  assert.is(await ask(), join(dir, 'demo-1.tar'));
  assert.is(await ask(), join(dir, 'demo-1.tar'));
  assert.is(written, 1);
  assert.equal(readdirSync(dir), ['demo-1.tar']);
});

test('two that write at once both get a whole one', async () => {
  const dir = tempDir();
  const ask = (text: string) =>
    cached(dir, 'demo-1.tar', async (draft) => {
      writeFileSync(draft, text.slice(0, 3));
      await new Promise((resolve) => setTimeout(resolve, 20));
      writeFileSync(draft, text);
    });
  const [first, second] = await Promise.all([ask('content'), ask('content')]);
  assert.is(first, second);
  assert.is(readFileSync(first, 'utf8'), 'content');
  assert.equal(readdirSync(dir), ['demo-1.tar']);
});

test('a failed writing leaves nothing', async () => {
  const dir = tempDir();
  const failure = await cached(dir, 'demo-1.tar', async (draft) => {
    writeFileSync(draft, 'half');
    throw new Error('no space');
  }).catch((error: Error) => error.message);
  assert.is(failure, 'no space');
  assert.equal(readdirSync(dir), []);
});

test('older archives of the recipe go once nobody asks for them, others stay', async () => {
  const dir = tempDir();
  const hours = (count: number) => Date.now() / 1000 - count * 3600;
  for (const [name, age] of [
    ['demo-old.tar', 2],
    ['demo-recent.tar', 0.5],
    ['other-old.tar', 2],
    ['.draft-1-x-demo-old.tar', 2],
    ['.draft-2-x-demo-new.tar', 0],
  ] as const) {
    writeFileSync(join(dir, name), '');
    utimesSync(join(dir, name), hours(age), hours(age));
  }
  await cached(dir, 'demo-new.tar', async (draft) => writeFileSync(draft, ''));
  assert.equal(readdirSync(dir).toSorted(), [
    '.draft-2-x-demo-new.tar',
    'demo-new.tar',
    'demo-recent.tar',
    'other-old.tar',
  ]);
});

test('asking for an archive keeps it', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'demo-used.tar'), '');
  utimesSync(join(dir, 'demo-used.tar'), 1, 1);
  await cached(dir, 'demo-used.tar', async () => assert.unreachable());
  await cached(dir, 'demo-new.tar', async (draft) => writeFileSync(draft, ''));
  assert.ok(existsSync(join(dir, 'demo-used.tar')));
});

test.run();
