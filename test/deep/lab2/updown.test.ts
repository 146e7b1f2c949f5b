import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample } from '../../support/folders.js';
import { lab2In } from '../../support/lab2.js';

const ROUNDS = 10;
const lab = lab2In(copyOfExample('primary-remote'));

for (let round = 1; round <= ROUNDS; round += 1) {
  test(`lab ${round} of ${ROUNDS} comes up, answers, and goes without a trace`, async () => {
    const up = await lab.lab('up', '--level', '2');
    assert.is(up.code, 0, up.stderr);
    for (const cluster of ['cluster-1', 'cluster-2'])
      assert.is(await lab.kubectl(cluster, 'get', '--raw', '/readyz'), 'ok');
    const began = performance.now();
    await lab.down();
    assert.not.ok(existsSync(lab.dir));
    const downMs = performance.now() - began;
    console.log(`lab ${round}: up in ${Math.round(up.durationMs)} ms, down in ${Math.round(downMs)} ms`);
  });
}

test.run();
