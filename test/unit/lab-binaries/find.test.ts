import { chmodSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findInCache, findInFolder, findOnPath } from '../../../src/lab/binaries/find.js';
import type { StepResult } from '../../../src/lab/binaries/types.js';
import { family, settings, tempDir, versionScript, writeProgram } from './support.js';

function folderWith(alpha: string, beta: string): string {
  const dir = tempDir();
  writeProgram(dir, 'alpha', versionScript(alpha));
  writeProgram(dir, 'beta', versionScript(beta));
  return dir;
}

function reasonOf(result: StepResult): string {
  return result.outcome === 'used' ? 'used' : result.reason;
}

function onPath(...dirs: string[]) {
  return settings({ env: { PATH: [...dirs, '/usr/bin', '/bin'].join(':') } }).settings;
}

test('a folder that has all binaries is used whatever their versions', async () => {
  const dir = folderWith('alpha v9', 'beta v9');
  const result = await findInFolder(dir, family());
  assert.equal(result, {
    outcome: 'used',
    paths: { alpha: join(dir, 'alpha'), beta: join(dir, 'beta') },
    where: dir,
  });
});

test('a folder without one of the binaries falls through and names it', async () => {
  const dir = tempDir();
  writeProgram(dir, 'alpha', versionScript('alpha v1.2.3'));
  assert.is(reasonOf(await findInFolder(dir, family())), `${dir} has no beta`);
});

test('a file that may not be run, and a folder of the name, count as missing', async () => {
  const dir = tempDir();
  chmodSync(writeProgram(dir, 'alpha', ''), 0o644);
  mkdirSync(join(dir, 'beta'));
  assert.is(reasonOf(await findInFolder(dir, family())), `${dir} has no alpha, beta`);
});

test('the cache is used when its folder for this version and platform is complete', async () => {
  const { settings: own } = settings();
  const dir = join(own.cacheDir, 'tools-1.2.3-linux-amd64');
  writeProgram(dir, 'alpha', versionScript('alpha v1.2.3'));
  assert.is(reasonOf(await findInCache(family(), own)), `${dir} has no beta`);
  writeProgram(dir, 'beta', versionScript('beta v1.2.3'));
  assert.is((await findInCache(family(), own)).outcome, 'used');
  assert.is((await findInCache(family({ version: '1.2.4' }), own)).outcome, 'skipped');
});

test('a family with a file that is no program needs it too, and is not looked for on PATH', async () => {
  const { settings: own } = settings();
  const row = family({ files: [{ name: 'notes.json', module: 'example.test/tools', path: 'notes.json' }] });
  const dir = join(own.cacheDir, 'tools-1.2.3-linux-amd64');
  for (const name of ['alpha', 'beta']) writeProgram(dir, name, versionScript(`${name} v1.2.3`));
  assert.is(reasonOf(await findInCache(row, own)), `${dir} has no notes.json`);
  chmodSync(writeProgram(dir, 'notes.json', '{}'), 0o644);
  const result = await findInCache(row, own);
  assert.is(result.outcome === 'used' && result.paths['notes.json'], join(dir, 'notes.json'));
  assert.is(reasonOf(await findOnPath(row, onPath(dir))), 'notes.json is no program');
});

test('PATH is used when every version is exactly the pinned one', async () => {
  const dir = folderWith('alpha v1.2.3', 'beta v1.2.3');
  const result = await findOnPath(family(), onPath(dir));
  assert.equal(result.outcome === 'used' && result.paths, {
    alpha: join(dir, 'alpha'),
    beta: join(dir, 'beta'),
  });
});

for (const version of ['1.2.2', '1.2.30', '1.2.3-rc.1', '1.2', '11.2.3']) {
  test(`PATH with version ${version} falls through where 1.2.3 is pinned`, async () => {
    const dir = folderWith('alpha v1.2.3', `beta v${version}`);
    const reason = reasonOf(await findOnPath(family(), onPath(dir)));
    assert.is(reason, `${join(dir, 'beta')} is ${version}, not 1.2.3`);
  });
}

for (const [version, fits] of [
  ['1.31-dev', true],
  ['1.31.2', true],
  ['1.31', true],
  ['1.310', false],
  ['1.3', false],
] as const) {
  test(`PATH with version ${version} ${fits ? 'is used' : 'falls through'} where minor 1.31 is wanted`, async () => {
    const dir = folderWith(`alpha v${version}`, `beta v${version}`);
    const result = await findOnPath(family({ accepts: { minor: '1.31' } }), onPath(dir));
    assert.is(result.outcome, fits ? 'used' : 'skipped');
  });
}

test('PATH without the binaries says which', async () => {
  const empty = settings({ env: { PATH: tempDir() } }).settings;
  assert.is(reasonOf(await findOnPath(family(), empty)), 'PATH has no alpha, beta');
});

test('a relative entry of PATH is not looked into', async () => {
  const dir = folderWith('alpha v1.2.3', 'beta v1.2.3');
  const only = settings({ env: { PATH: relative(process.cwd(), dir) } }).settings;
  assert.is(reasonOf(await findOnPath(family(), only)), 'PATH has no alpha, beta');
});

test('a binary on PATH that fails or babbles falls through with the reason', async () => {
  const failing = tempDir();
  writeProgram(failing, 'alpha', '#!/bin/sh\nexit 3\n');
  writeProgram(failing, 'beta', versionScript('beta v1.2.3'));
  assert.match(reasonOf(await findOnPath(family(), onPath(failing))), /alpha does not tell its version/);
  const babbling = folderWith('hello', 'beta v1.2.3');
  assert.match(reasonOf(await findOnPath(family(), onPath(babbling))), /alpha .* in a known form/);
});

test.run();
