import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample } from '../../support/folders.js';
import { lab2In } from '../../support/lab2.js';
import { containersOf } from '../../support/node-remains.js';
import { seededRandom } from '../../support/random.js';
import { cleanEnvironment, MESHPLAN, start } from '../../support/run.js';

const ROUNDS = 10;
const random = seededRandom('kills of lab up --level 2');
const lab = lab2In(copyOfExample('primary-remote'));
let upMs = 0;

async function comesUpAndGoes(): Promise<void> {
  const up = await lab.lab('up', '--level', '2');
  assert.is(up.code, 0, up.stderr);
  upMs = up.durationMs;
  for (const cluster of ['cluster-1', 'cluster-2'])
    assert.is(await lab.kubectl(cluster, 'get', '--raw', '/readyz'), 'ok');
  await lab.down();
}

test('an undisturbed start shows how long it takes', async () => {
  await comesUpAndGoes();
  console.log(`up takes ${Math.round(upMs)} ms`);
});

for (let round = 1; round <= ROUNDS; round += 1) {
  const next = round % 2 === 0 ? 'up' : 'down';
  test(`kill ${round} of ${ROUNDS}: the next ${next} puts it right`, async () => {
    const up = start([process.execPath, MESHPLAN, 'lab', 'up', '--level', '2'], {
      cwd: lab.folder,
      env: cleanEnvironment(),
    });
    // A random moment of each tenth of a start.
    const delayMs = ((round - 1 + random()) / ROUNDS) * upMs;
    await Promise.race([sleep(delayMs), up.answer]);
    up.kill('SIGKILL');
    await up.answer;
    const line = up.seen().trimEnd().split('\n').at(-1) ?? '';
    console.log(
      `killed after ${Math.round(delayMs)} ms: ${containersOf(lab.dir).length} containers, "${line}"`,
    );
    if (next === 'down') await lab.down();
    await comesUpAndGoes();
  });
}

test.run();
