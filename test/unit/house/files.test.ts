import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './support.js';

const LONGEST = 300;
/** Written by scripts/schema-types.mjs from the schema. */
const GENERATED = 'src/model/mesh.ts';

async function sources(): Promise<{ file: string; text: string }[]> {
  const entries = await readdir(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return { file: relative(ROOT, path), text: await readFile(path, 'utf8') };
    }),
  );
}

const test = suite('files of the house');

test(`no file of src is longer than ${LONGEST} lines, but the generated one`, async () => {
  const all = await sources();
  assert.ok(all.length > 100);
  const long = all.filter(({ text }) => text.split('\n').length > LONGEST).map(({ file }) => file);
  assert.equal(
    long.filter((file) => file !== GENERATED),
    [],
  );
});

test('relative imports name files as they run', async () => {
  const wrong = (await sources()).flatMap(({ file, text }) =>
    [...text.matchAll(/\bfrom '(\.[^']*)'/g)]
      .map(([, specifier = '']) => specifier)
      .filter((specifier) => !specifier.endsWith('.js'))
      .map((specifier) => `${file}: ${specifier}`),
  );
  assert.equal(wrong, []);
});

test('client-node is loaded as the bundle that the build makes of it', async () => {
  const loaders = (await sources()).filter(({ text }) =>
    text.replaceAll(/^import type .*$/gm, '').includes("'@kubernetes/client-node'"),
  );
  assert.equal(
    loaders.map(({ file }) => file),
    ['src/kube/client-node.ts'],
  );
});

test('the lock file says what, never from where', async () => {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
  };
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
  assert.ok(packages.length > 50);
  assert.equal(
    packages.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path),
    [],
  );
  assert.equal(
    packages.filter(([, entry]) => !entry.integrity && !entry.link).map(([path]) => path),
    [],
    'without an address the checksum is all that holds a package to its version',
  );
});

test('npm is told to keep addresses out of the lock file', async () => {
  assert.match(await readFile(join(ROOT, '.npmrc'), 'utf8'), /^omit-lockfile-registry-resolved=true$/m);
});

test('every dependency is in the lock file at a version', async () => {
  const { dependencies, devDependencies } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  ) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !lock.packages[`node_modules/${name}`]?.version,
  );
  assert.equal(missing, []);
});

test.run();
