import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTrust } from '../../../src/cli/trust.js';
import { ExitCode, MeshplanError } from '../../../src/errors/index.js';
import { generateRoot } from '../../../src/pki/index.js';
import { clusterOf, meshOf } from '../compile/support.js';

const test = suite<{ folder: string }>('the root of a mesh with `source: files`');
const root = await generateRoot({ organization: 'T', commonName: 'R', validityDays: 9, keyBits: 2048 });

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'meshplan-trust-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const open = (folder: string) => {
  const { trust, ...mesh } = meshOf([clusterOf('one', 'one')]);
  const files = { keyFile: join(folder, 'own.key'), certFile: join(folder, 'own.crt') };
  return openTrust(
    { ...mesh, trust: { ...trust, source: 'files', root: { ...trust.root, ...files } } },
    folder,
  );
};

test('without its files there is no local root, and none is ever made or issued from', async ({ folder }) => {
  const trust = open(folder);
  assert.is(await trust.localRoot(), undefined);
  for (const run of [() => trust.createRoot(), () => trust.issueIntermediate('one')]) {
    const error = await run().catch((failure: unknown) => failure);
    assert.instance(error, MeshplanError);
    const { code, exitCode, message } = error as MeshplanError;
    assert.equal([code, exitCode], ['ca-key-missing', ExitCode.invalid]);
    assert.match(message, 'own.key');
  }
});

test('to plan needs the certificate alone; a key that others may read is refused where it is used', async ({
  folder,
}) => {
  const trust = open(folder);
  writeFileSync(join(folder, 'own.crt'), root.certPem);
  assert.equal(await trust.localRoot(), { certPem: root.certPem, keyAvailable: false });
  writeFileSync(join(folder, 'own.key'), root.keyPem, { mode: 0o644 });
  assert.equal(await trust.localRoot(), { certPem: root.certPem, keyAvailable: true });
  const error = await trust.issueIntermediate('one').catch((failure: unknown) => failure);
  assert.is((error as MeshplanError).code, 'ca-key-permissions');
});

test.run();
