import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB_MARKER } from '../../../src/lab/host.js';
import { layoutOf } from '../../../src/lab/layout.js';
import { nodeCommand } from '../../../src/lab/node-command.js';
import { planLab } from '../../../src/lab/plan-lab.js';
import { endProcesses, livingProcesses } from '../../../src/lab/processes.js';
import { writeState } from '../../../src/lab/state.js';
import type { Level1UpOptions } from '../../../src/lab/types.js';

const test = suite('the worker of a lab');

test('does not begin when the command that wanted the work has died before it could listen', async () => {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'meshplan-worker-')));
  const lab = layoutOf(join(dir, 'lab'));
  try {
    await mkdir(lab.dir);
    const options: Level1UpOptions = {
      dir: lab.dir,
      level: 1,
      binaries: {} as Level1UpOptions['binaries'],
      clusters: [{ name: 'cluster-1', primary: true }],
      onEvent: () => undefined,
    };
    await writeState(lab, await planLab(options));
    const child = spawn(
      process.execPath,
      nodeCommand('worker-main', lab.dir, JSON.stringify({ do: 'begin' })),
      {
        env: { PATH: process.env.PATH ?? '', [LAB_MARKER]: lab.dir },
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      },
    );
    child.disconnect();
    await once(child, 'exit');
    assert.equal(await readdir(lab.dir), ['lab.json'], 'no process was started');
  } finally {
    await endProcesses(lab, await livingProcesses(lab), 0);
    await rm(dir, { recursive: true, force: true });
  }
});

test.run();
