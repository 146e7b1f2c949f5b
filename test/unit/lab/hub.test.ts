import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import type { HostTools } from '../../../src/lab/host-needs.js';
import { labExec, labStart, labStop } from '../../../src/lab/index.js';
import { locate } from '../../../src/lab/locate.js';
import { planLab } from '../../../src/lab/plan-lab.js';
import { writeState } from '../../../src/lab/state.js';
import type { Level2UpOptions } from '../../../src/lab/types.js';

const test = suite<{ dir: string }>('a level-2 lab whose network is gone');
test.before.each(async (context) => {
  context.dir = await mkdtemp(join(tmpdir(), 'meshplan-hub-'));
  const options: Level2UpOptions = {
    dir: context.dir,
    level: 2,
    binaries: {} as Level2UpOptions['binaries'],
    host: {} as HostTools,
    images: [],
    clusters: [{ name: 'cluster-1', primary: true }],
    onEvent: () => undefined,
  };
  await writeState(await locate(context.dir), { ...(await planLab(options)), complete: true });
});
test.after.each(({ dir }) => rm(dir, { recursive: true, force: true }));

for (const [what, command] of [
  ['exec', (dir: string) => labExec({ dir, command: ['true'] })],
  ['stop', (dir: string) => labStop({ dir, cluster: 'cluster-1' })],
  ['start', (dir: string) => labStart({ dir, cluster: 'cluster-1' })],
] as const) {
  test(`${what} says how to bring it back`, async ({ dir }) => {
    const error = await command(dir).catch((thrown: unknown) => thrown);
    assert.instance(error, MeshplanError);
    const { code, hint } = error as MeshplanError;
    assert.is(code, 'lab-absent');
    assert.match(hint ?? '', 'meshplan lab up');
  });
}

test.run();
