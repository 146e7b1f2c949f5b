import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample, temporaryFolder } from '../../support/folders.js';
import { cleanEnvironment, MESHPLAN, run } from '../../support/run.js';

const folder = copyOfExample('primary-remote');

/** Every script that Node loaded while a command ran, by its own coverage report. */
async function scriptsOf(...args: string[]): Promise<string[]> {
  const coverage = temporaryFolder();
  const env = cleanEnvironment({ NODE_V8_COVERAGE: coverage, KUBECONFIG: join(folder, 'mesh.yaml') });
  await run([process.execPath, MESHPLAN, ...args], { cwd: folder, env });
  const reports = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), 'utf8'));
  assert.ok(reports.length > 0);
  return reports.flatMap((text) =>
    (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
  );
}

const loads = (scripts: string[], name: string) =>
  scripts.some((url) => url.includes(`/node_modules/${name}/`));

/** The Kubernetes client and all that it needs are one file of the build. */
const CLIENT = '/dist/kube/client-node.js';

test('a command for clusters loads the bundle of the Kubernetes client, and nothing of its packages', async () => {
  const scripts = await scriptsOf('plan');
  assert.ok(scripts.some((url) => url.endsWith(CLIENT)));
  for (const name of ['@kubernetes/client-node', 'node-fetch', 'ws'])
    assert.not.ok(loads(scripts, name), name);
});

for (const args of [
  ['--help'],
  ['plan', '--help'],
  ['version'],
  ['schema'],
  ['validate'],
  ['lab', '--help'],
]) {
  test(`${args.join(' ')} never loads the Kubernetes client`, async () => {
    const scripts = await scriptsOf(...args);
    assert.ok(scripts.some((url) => url.endsWith('/dist/cli/main.js')));
    assert.not.ok(scripts.some((url) => url.endsWith(CLIENT)));
    for (const name of ['@kubernetes/client-node', 'node-forge', 'listr2', 'execa']) {
      assert.not.ok(loads(scripts, name), name);
    }
  });
}

test.run();
