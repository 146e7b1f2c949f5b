import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assertConverges,
  assertGoes,
  assertStateIsSound,
  type Baseline,
  killAfter,
  killApply,
  measure,
} from '../support/kill-sweep.js';
import { type Lab, labUp } from '../support/lab.js';
import { seededRandom } from '../support/random.js';

const ROUNDS = 10;
const random = seededRandom('kills');
let lab: Lab;
let baseline: Baseline;

test('an undisturbed apply and destroy show what is to be reached', async () => {
  lab = await labUp({ example: 'primary-remote' });
  baseline = await measure(lab, ['cluster-1', 'cluster-2']);
});

for (let round = 1; round <= ROUNDS; round += 1) {
  test(`kill ${round} of ${ROUNDS}: the apply after it converges, and nothing is doubled`, async () => {
    await killApply(lab, baseline, random);
    await assertConverges(lab, baseline);
    await assertStateIsSound(lab);
    // A killed destroy leaves the next round another start than an empty cluster.
    await killAfter(lab, 'destroy', random() * baseline.destroyMs);
  });
}

test('after all of it, destroy leaves the clusters as they were', () => assertGoes(lab, baseline));

test('Ctrl-C ends apply with 130, says what is left, and keeps the state sound', async () => {
  const running = lab.start(['apply', '-y']);
  await running.shows('control-plane: begins');
  running.kill('SIGINT');
  const { code, stdout, stderr } = await running.answer;
  assert.is(code, 130, stderr);
  assert.match(stderr, 'Press Ctrl-C again');
  assert.match(stdout, /not begun: .*cluster-2\/data-plane/);
  const state = await readFile(join(lab.folder, 'meshplan.state.json'), 'utf8');
  assert.type((JSON.parse(state) as { serial: number }).serial, 'number');
  await assertConverges(lab, baseline);
  await assertStateIsSound(lab);
});

test('the lab goes without a trace', () => lab.down());

test.run();
