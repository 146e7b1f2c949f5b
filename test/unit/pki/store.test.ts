import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { openCaStore } from '../../../src/pki/index.js';
import { customRoot } from './support.js';

const test = suite<{ base: string; folder: string }>('CA store');
const root = customRoot('P-256');
const other = customRoot('P-256');

test.before.each((context) => {
  context.base = mkdtempSync(join(tmpdir(), 'meshplan-ca-'));
  context.folder = join(context.base, '.meshplan', 'ca', 'mesh1');
});
test.after.each(({ base }) => rmSync(base, { recursive: true }));

test('nothing there: undefined, and nothing is made', async ({ base, folder }) => {
  assert.is(await openCaStore(folder).read(), undefined);
  assert.equal(readdirSync(base), []);
});

test('what was written is read, private and ignored by git', async ({ base, folder }) => {
  const store = openCaStore(folder);
  await store.write(root);
  const found = await store.read();
  assert.is(found?.keyPem, root.keyPem);
  assert.is(found?.certPem, root.certPem);
  assert.equal(readdirSync(folder).sort(), ['root-cert.pem', 'root-key.pem']);
  assert.is(modeOf(folder), 0o700);
  assert.is(modeOf(store.keyFile), 0o600);
  assert.is(modeOf(store.certFile), 0o600);
  assert.is(readFileSync(join(base, '.meshplan', '.gitignore'), 'utf8'), '*\n');
  assert.not.match(inspect(found), 'PRIVATE KEY');
});

test('a folder that was open is closed, a .gitignore of the user stays', async ({ base, folder }) => {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeFileSync(join(base, '.meshplan', '.gitignore'), 'mine\n');
  await openCaStore(folder).write(root);
  assert.is(modeOf(folder), 0o700);
  assert.is(readFileSync(join(base, '.meshplan', '.gitignore'), 'utf8'), 'mine\n');
});

test('a key is never replaced', async ({ folder }) => {
  const store = openCaStore(folder);
  await store.write(root);
  await fails('ca-key-exists', () => store.write(other));
  assert.is((await store.read())?.keyPem, root.keyPem);
});

test('of several writers one wins, with its own certificate', async ({ folder }) => {
  const roots = [root, other, customRoot('P-256')];
  const results = await Promise.allSettled(roots.map((item) => openCaStore(folder).write(item)));
  const winners = roots.filter((_, index) => results[index]?.status === 'fulfilled');
  assert.is(winners.length, 1);
  const found = await openCaStore(folder).read();
  assert.is(found?.keyPem, winners[0]?.keyPem);
  assert.is(found?.certPem, winners[0]?.certPem);
});

test('a certificate whose key is elsewhere is read without it, and never replaced', async ({ folder }) => {
  const store = openCaStore(folder);
  await store.write(root);
  rmSync(store.keyFile);
  assert.equal({ ...(await store.read()) }, { certPem: root.certPem, keyPem: undefined });
  await fails('ca-key-missing', () => store.write(other));
});

test('a key without a certificate is an error that says where the certificate is', async ({ folder }) => {
  const store = openCaStore(folder);
  await store.write(root);
  rmSync(store.certFile);
  await fails('ca-cert-missing', () => store.read());
});

test('a write that was cut short after the key is finished by the next read', async ({ folder }) => {
  const store = openCaStore(folder);
  await store.write(root);
  renameSync(store.certFile, `${store.certFile}.0123456789abcdef.new`);
  writeFileSync(`${store.certFile}.fedcba9876543210.new`, other.certPem);
  assert.is((await store.read())?.certPem, root.certPem);
  assert.ok(existsSync(store.certFile));
});

test('a write that was cut short before the key leaves nothing in the way', async ({ folder }) => {
  const store = openCaStore(folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${store.keyFile}.0123456789abcdef.new`, other.keyPem, { mode: 0o600 });
  writeFileSync(`${store.certFile}.0123456789abcdef.new`, other.certPem);
  assert.is(await store.read(), undefined);
  await store.write(root);
  assert.equal(readdirSync(folder).sort(), ['root-cert.pem', 'root-key.pem']);
});

for (const mode of [0o640, 0o604, 0o660]) {
  test(`a key with mode ${mode.toString(8)} is refused, with the way out`, async ({ folder }) => {
    const store = openCaStore(folder);
    await store.write(root);
    chmodSync(store.keyFile, mode);
    const error = await fails('ca-key-permissions', () => store.read());
    assert.is(error.hint, `chmod 600 ${store.keyFile}`);
  });
}

test('a look tells of the key without opening it', async ({ folder }) => {
  const store = openCaStore(folder);
  assert.is(await store.look(), undefined);
  await store.write(root);
  chmodSync(store.keyFile, 0o644);
  assert.equal(await store.look(), { certPem: root.certPem, keyAvailable: true });
  rmSync(store.keyFile);
  assert.equal(await store.look(), { certPem: root.certPem, keyAvailable: false });
});

test('a look finishes what a crash had cut short, and tells of a lost certificate', async ({ folder }) => {
  const store = openCaStore(folder);
  await store.write(root);
  renameSync(store.certFile, `${store.certFile}.0123456789abcdef.new`);
  assert.equal(await store.look(), { certPem: root.certPem, keyAvailable: true });
  rmSync(store.certFile);
  await fails('ca-cert-missing', () => store.look());
});

test("the user's own files", async ({ base, folder }) => {
  const override = { keyFile: join(base, 'own.key'), certFile: join(base, 'own.crt') };
  writeFileSync(override.keyFile, root.keyPem, { mode: 0o400 });
  writeFileSync(override.certFile, root.certPem);
  const store = openCaStore(folder, override);
  assert.is((await store.read())?.keyPem, root.keyPem);
  await fails('ca-key-exists', () => store.write(other));
});

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

async function fails(code: string, run: () => Promise<unknown>): Promise<MeshplanError> {
  try {
    await run();
  } catch (error) {
    assert.instance(error, MeshplanError);
    const failure = error as MeshplanError;
    assert.is(failure.code, code);
    assert.ok(failure.hint);
    assert.not.match(inspect(failure), 'PRIVATE KEY');
    return failure;
  }
  throw new Error(`${code} was expected`);
}

test.run();
