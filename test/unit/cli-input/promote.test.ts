import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample } from '../../support/folders.js';
import { cleanEnvironment, MESHPLAN, run } from '../../support/run.js';

/** The example's clusters at a port where nothing listens. */
const kubeconfig = (names: string[]) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: names.map((name) => ({ name, cluster: { server: 'https://127.0.0.1:1' } })),
    users: names.map((name) => ({ name, user: { token: 'none' } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
  });

test('where no cluster answers nobody is taken for lost, and mesh.yaml stays as it is', async () => {
  const folder = copyOfExample('primary-remote');
  await writeFile(join(folder, 'kubeconfig'), kubeconfig(['cluster-1', 'cluster-2']));
  const before = await readFile(join(folder, 'mesh.yaml'), 'utf8');
  for (const flags of [[], ['--fence']]) {
    const words = ['promote', 'cluster-2', '-y', '--kubeconfig', 'kubeconfig', ...flags];
    const { code, stderr } = await run([MESHPLAN, ...words], { cwd: folder, env: cleanEnvironment() });
    assert.is(code, 1, stderr);
    assert.match(stderr, 'promote-unreachable cluster-2 cannot become the primary: ');
    assert.match(stderr, 'Nothing was changed.');
    assert.is(await readFile(join(folder, 'mesh.yaml'), 'utf8'), before);
  }
});

test.run();
