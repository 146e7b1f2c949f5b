import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { openIstioctl, openRenderCache } from '../../../src/istioctl/index.js';

const test = suite<{ folder: string }>('istioctl');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'meshplan-istioctl-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const open = (folder: string, script: string) => {
  const file = join(folder, 'istioctl');
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return openIstioctl(file, openRenderCache(join(folder, 'cache')));
};
const VERSION = `[ "$1" = version ] && echo '{"clientVersion":{"version":"1.31.2"}}' && exit`;
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a rendering that failed is tried again, one that succeeded is not', async ({ folder }) => {
  const mark = join(folder, 'failed-once');
  const istioctl = await open(
    folder,
    `${VERSION}\nif [ ! -e ${mark} ]; then touch ${mark}; echo busy >&2; exit 1; fi\necho 'kind: ConfigMap'`,
  );
  const error = await failure(istioctl.render({}));
  assert.instance(error, MeshplanError);
  assert.match((error as MeshplanError).message, 'busy');
  assert.match((error as MeshplanError).hint ?? '', 'istio.values');
  assert.equal(await istioctl.render({}), [{ kind: 'ConfigMap' }]);
  rmSync(mark);
  assert.equal(await istioctl.render({}), [{ kind: 'ConfigMap' }]);
  assert.not.ok(existsSync(mark));
});

test('a program that is no istioctl: the hint names the flag, not mesh.yaml', async ({ folder }) => {
  const error = await failure(open(folder, 'exit 2'));
  assert.instance(error, MeshplanError);
  assert.match((error as MeshplanError).hint ?? '', '--istioctl');
  assert.not.match((error as MeshplanError).hint ?? '', 'mesh.yaml');
});

test.run();
