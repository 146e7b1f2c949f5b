import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../support/folders.js';
import { MESHPLAN, ROOT, run } from '../../support/run.js';

const folder = temporaryFolder();
cpSync(join(ROOT, 'test/fixtures/config/environments'), folder, { recursive: true });
const meshplan = (...args: string[]) => run([process.execPath, MESHPLAN, ...args], { cwd: folder });

const test = suite('environments on the command line');

test('validate looks at all of them, and at one that is named', async () => {
  const both = await meshplan('validate');
  assert.is(both.code, 3);
  assert.match(both.stdout, /^mesh\.yaml is valid in staging: mesh shop-staging, 1 clusters/);
  assert.match(both.stderr, 'overlays/production.yaml:4:35 error unknown-key');
  assert.match(both.stderr, 'mesh.yaml is not valid in production: 1 error');
  const { stdout } = await meshplan('validate', '-o', 'json');
  assert.equal(JSON.parse(stdout).environments, [
    { name: 'staging', valid: true },
    { name: 'production', valid: false },
  ]);
  assert.is((await meshplan('validate', '--env', 'staging')).code, 0);
});

test('commands on clusters want one, and complete their names', async () => {
  const { code, stderr } = await meshplan('plan');
  assert.is(code, 3);
  assert.match(stderr, 'environment-needed');
  assert.match(stderr, 'name one with --env: staging, production');
  const { stdout } = await meshplan('__complete', 'apply', '--env', '');
  assert.equal(stdout.trim().split('\n'), ['staging', 'production', ':4']);
});

test('a report of a part is refused before anything is done', async () => {
  const args = ['--env', 'staging', '-y', '--report', 'reports/staging.json', '--target', 'hub/**'];
  const { code, stderr } = await meshplan('apply', ...args);
  assert.is(code, 3);
  assert.match(stderr, 'report-partial');
});

test('a report in the place of what is no file is refused before anything is done', async () => {
  for (const file of ['overlays', '/dev/null']) {
    const { code, stderr } = await meshplan('apply', '--env', 'staging', '-y', '--report', file);
    assert.is(code, 3);
    assert.match(stderr, `report-unwritable ${file} cannot be written: it is there, and no file`);
  }
});

test.run();
