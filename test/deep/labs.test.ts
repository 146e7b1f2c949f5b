import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample } from '../support/folders.js';
import { labUp } from '../support/lab.js';
import { seededRandom } from '../support/random.js';
import { remainsOf } from '../support/remains.js';
import { cleanEnvironment, MESHPLAN, run, start } from '../support/run.js';

const ROUNDS = 10;
const random = seededRandom('labs');

for (let round = 1; round <= ROUNDS; round += 1) {
  test(`lab ${round} of ${ROUNDS} comes up, answers, and goes without a trace`, async () => {
    const lab = await labUp({ example: 'primary-remote' });
    for (const cluster of ['cluster-1', 'cluster-2']) {
      assert.is(await lab.kubectl(cluster, 'get', '--raw', '/readyz'), 'ok');
    }
    await lab.down();
  });
}

for (const [after, signal] of [
  ['down', 'SIGKILL'],
  ['up', 'SIGKILL'],
  ['down', 'SIGINT'],
] as const) {
  test(`${ROUNDS} starts end by ${signal} at random moments; lab ${after} puts it right`, async () => {
    const cwd = copyOfExample('primary-remote');
    const dir = join(cwd, '.meshplan', 'lab');
    const lab = (command: string) => [process.execPath, MESHPLAN, 'lab', command];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const up = start(lab('up'), { cwd, env: cleanEnvironment() });
      const delay = random() * 8_000;
      await Promise.race([sleep(delay), up.answer]);
      up.kill(signal);
      const { code } = await up.answer;
      console.log(`lab up ended by ${signal} after ${Math.round(delay)} ms: ${code}`);
      if (signal === 'SIGINT' && code === 130) assert.equal(remainsOf(dir).processes, []);
      if (after === 'up') {
        const again = await run(lab('up'), { cwd });
        assert.is(again.code, 0, again.stderr);
      }
      const down = await run(lab('down'), { cwd });
      assert.is(down.code, 0, down.stderr);
      assert.equal(remainsOf(dir), { processes: [], files: [] });
      assert.not.ok(existsSync(dir));
    }
  });
}

test.run();
