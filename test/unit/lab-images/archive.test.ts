import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeArchive } from '../../../src/lab/images/archive.js';
import type { Entry, Recipe } from '../../../src/lab/images/types.js';
import { readArchive } from './support.js';

const dir = mkdtempSync(join(tmpdir(), 'meshplan-images-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));

/** Larger than a chunk of the copy, and no multiple of a tar's block. */
const BIG = Buffer.alloc(2.5 * 1024 * 1024 + 7, 'meshplan');
writeFileSync(join(dir, 'program'), BIG);
symlinkSync('program', join(dir, 'linked'));

const ENTRIES: Entry[] = [
  { type: 'directory', path: 'tmp', mode: 0o1777 },
  { type: 'copy', path: 'usr/bin/program', mode: 0o755, source: join(dir, 'linked') },
  { type: 'copy', path: 'usr/bin/program', mode: 0o755, source: join(dir, 'program') },
  { type: 'text', path: 'etc/motd', mode: 0o644, text: 'hello\n' },
  { type: 'link', path: 'usr/bin/other', target: 'program' },
];

function recipe(changes: Partial<Recipe> = {}): Recipe {
  return {
    name: 'demo',
    images: [
      { reference: 'lab.example/a:1', entrypoint: ['/usr/bin/program'], user: '7:8' },
      { reference: 'lab.example/b:1', entrypoint: ['/usr/bin/program', 'serve'], command: ['--help'] },
    ],
    entries: ENTRIES,
    ...changes,
  };
}

test('an archive holds the files, with modes, links followed or kept, all of them owned by root', async () => {
  const path = join(dir, 'one.tar');
  await writeArchive(path, recipe(), 'amd64', undefined);
  const { layer } = await readArchive(path);
  assert.equal(
    [...layer].map(([name, { type, mode }]) => `${name} ${type} ${mode.toString(8)}`),
    [
      'tmp directory 1777',
      'usr directory 755',
      'usr/bin directory 755',
      'usr/bin/program file 755',
      'etc directory 755',
      'etc/motd file 644',
      'usr/bin/other symlink 777',
    ],
  );
  assert.ok(layer.get('usr/bin/program')?.body.equals(BIG));
  assert.is(layer.get('etc/motd')?.body.toString(), 'hello\n');
  assert.is(layer.get('usr/bin/other')?.target, 'program');
  assert.ok([...layer.values()].every(({ uid, mtime }) => uid === 0 && mtime === 0));
});

test('each image has its configuration, on the same layer', async () => {
  const path = join(dir, 'two.tar');
  await writeArchive(path, recipe(), 'arm64', undefined);
  const { images, layerDigest } = await readArchive(path);
  assert.equal(
    images.map(({ reference }) => reference),
    ['lab.example/a:1', 'lab.example/b:1'],
  );
  for (const { config } of images) {
    assert.equal([config.os, config.architecture], ['linux', 'arm64']);
    assert.equal(config.rootfs.diff_ids, [`sha256:${layerDigest}`]);
    assert.match(config.config.Env.join(), /^PATH=/);
  }
  const [first, second] = images.map(({ config }) => config.config);
  assert.equal([first?.Entrypoint, first?.Cmd, first?.User], [['/usr/bin/program'], undefined, '7:8']);
  assert.equal(
    [second?.Entrypoint, second?.Cmd, second?.User],
    [['/usr/bin/program', 'serve'], ['--help'], undefined],
  );
});

test('the same files give the same bytes', async () => {
  await writeArchive(join(dir, 'three.tar'), recipe(), 'amd64', undefined);
  await writeArchive(join(dir, 'four.tar'), recipe(), 'amd64', undefined);
  assert.ok(readFileSync(join(dir, 'three.tar')).equals(readFileSync(join(dir, 'four.tar'))));
});

test('a file that is gone is an error with its name, and no layer is left', async () => {
  const entries: Entry[] = [
    ...ENTRIES,
    { type: 'copy', path: 'gone', mode: 0o644, source: join(dir, 'gone') },
  ];
  const failure = await failureOf(
    writeArchive(join(dir, 'five.tar'), recipe({ entries }), 'amd64', undefined),
  );
  assert.match(failure, /ENOENT.*gone/);
  assert.equal(
    readdirSync(dir).filter((name) => name.endsWith('.layer')),
    [],
  );
});

test('a place that cannot be written is an error', async () => {
  const failure = await failureOf(writeArchive(join(dir, 'none', 'a.tar'), recipe(), 'amd64', undefined));
  assert.match(failure, /ENOENT.*a\.tar/);
});

test('an abort ends the writing', async () => {
  const abort = new AbortController();
  const writing = failureOf(writeArchive(join(dir, 'six.tar'), recipe(), 'amd64', abort.signal));
  abort.abort();
  assert.match(await writing, /abort/i);
  assert.equal(
    readdirSync(dir).filter((name) => name.startsWith('six')),
    [],
  );
});

function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no failure',
    (error: Error) => error.message,
  );
}

test.run();
