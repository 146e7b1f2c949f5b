import { test } from 'uvu';
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

const ROUNDS = 30;
const random = seededRandom('kills');
let lab: Lab;
let baseline: Baseline;

test('an undisturbed apply and destroy show what is to be reached', async () => {
  lab = await labUp({ example: 'primary-remote' });
  baseline = await measure(lab, ['cluster-1', 'cluster-2']);
});

for (let round = 1; round <= ROUNDS; round += 1) {
  test(`kill ${round} of ${ROUNDS}, on empty clusters: the next apply converges, destroy removes all`, async () => {
    await killApply(lab, baseline, random);
    await assertConverges(lab, baseline);
    await assertStateIsSound(lab);
    await assertGoes(lab, baseline);
  });
}

test('several kills in a row, of apply and destroy in turn, are mended by one apply', async () => {
  for (let round = 0; round < 5; round += 1) {
    await killAfter(lab, 'apply', random() * baseline.applyMs);
    await killAfter(lab, 'destroy', random() * baseline.destroyMs);
  }
  await assertConverges(lab, baseline);
  await assertStateIsSound(lab);
  await assertGoes(lab, baseline);
});

test('a destroy that was killed is finished by the next one', async () => {
  for (let round = 0; round < 5; round += 1) {
    await assertConverges(lab, baseline);
    await killAfter(lab, 'destroy', random() * baseline.destroyMs);
    await assertGoes(lab, baseline);
  }
});

test('the lab goes without a trace', () => lab.down());

test.run();
