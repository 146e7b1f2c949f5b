import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample, temporaryFolder } from '../support/folders.js';
import { type Lab, labUp } from '../support/lab.js';
import { cleanEnvironment, ROOT, run } from '../support/run.js';

const home = temporaryFolder();
const meshplan = join(home, 'node_modules', '.bin', 'meshplan');
const npm = (cwd: string, ...args: string[]) => run(['npm', ...args], { cwd, env: cleanEnvironment() });
let lab: Lab;

test('npm pack makes a package that installs into an empty folder', async () => {
  // The build has run already; to run it again here would change files under others' feet.
  const pack = await npm(ROOT, 'pack', '--ignore-scripts', '--silent', '--pack-destination', home);
  assert.is(pack.code, 0, pack.stderr);
  const archive = readdirSync(home).find((name) => name.endsWith('.tgz')) ?? '';
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const install = await npm(home, 'install', ...flags, `./${archive}`);
  assert.is(install.code, 0, install.stderr);
  const held = readdirSync(join(home, 'node_modules', 'meshplan'));
  for (const name of ['bin', 'dist', 'schema', 'examples', 'README.md', 'LICENSE']) {
    assert.ok(held.includes(name), name);
  }
  for (const name of ['test', 'scripts', '.git']) assert.not.ok(held.includes(name), name);
});

test('it tells its version and validates', async () => {
  const cwd = copyOfExample('primary-remote');
  const version = await run([meshplan, 'version'], { cwd });
  assert.is(version.code, 0, version.stderr);
  const { version: expected } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  assert.is(version.stdout.trim(), expected);
  const validate = await run([meshplan, 'validate'], { cwd });
  assert.is(validate.code, 0, validate.stderr);
  const schema = await run([meshplan, 'schema'], { cwd });
  assert.is(schema.stdout, readFileSync(join(ROOT, 'schema', 'mesh.schema.json'), 'utf8'));
});

test('kubectl finds it as its plugin, and completes it', async () => {
  lab = await labUp({ example: 'primary-remote', program: [meshplan] });
  const kubectl = join(lab.dir, 'bin', 'kubectl');
  const env = { ...lab.env, PATH: [join(home, 'node_modules', '.bin'), lab.env.PATH].join(delimiter) };
  const as = (...args: string[]) => run([kubectl, ...args], { cwd: lab.folder, env });
  const [version, own] = [
    await as('meshplan', 'version'),
    await run([meshplan, 'version'], { cwd: lab.folder }),
  ];
  assert.is(version.code, 0, version.stderr);
  assert.is(version.stdout, own.stdout);
  assert.match((await as('meshplan', 'plan', '--help')).stdout, /^Usage: kubectl meshplan plan /);
  const completed = await as('__complete', 'meshplan', 'lab', 'stop', '');
  assert.match(completed.stdout, /^cluster-1\ncluster-2\n:4/);
});

test('it plans on clusters of its lab, through lab exec', async () => {
  const inLab = [meshplan, 'lab', 'exec', '--', meshplan];
  const plan = await run([...inLab, 'plan', '--detailed-exitcode'], { cwd: lab.folder });
  assert.is(plan.code, 2, plan.stderr);
  assert.match(plan.stdout, /Plan: \d+ to create/);
  const destroy = await run([...inLab, 'destroy', '-y'], { cwd: lab.folder });
  assert.is(destroy.code, 0, destroy.stderr);
  assert.match(destroy.stdout, 'Nothing to remove');
});

test('as a library it plans and finds what differs', async () => {
  const example = join(home, 'node_modules', 'meshplan', 'examples', 'library', 'mesh.mjs');
  const as = async (what: string): Promise<unknown> => {
    const { code, stdout, stderr } = await run([process.execPath, example, what], {
      cwd: lab.folder,
      env: lab.env,
    });
    assert.is(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const plan = (await as('plan')) as { complete: boolean; summary: { create: number } };
  assert.ok(plan.complete && plan.summary.create > 50, JSON.stringify(plan));
  assert.equal(await as('drift'), []);
});

test('the lab goes without a trace', () => lab.down());

test.run();
