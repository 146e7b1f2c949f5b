import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Boundaries, type Boundary, type Command, enumerate, round } from '../support/boundaries.js';
import { assertConverges, assertStateIsSound } from '../support/kill-sweep.js';
import { type Lab, labUp } from '../support/lab.js';
import { seededRandom } from '../support/random.js';

/** Each round kills an apply and a destroy. All boundaries are in test/deep. */
const random = seededRandom('boundaries');
let lab: Lab;
let boundaries: Boundaries;

test('an undisturbed apply and destroy show what is to be reached, and are counted', async () => {
  lab = await labUp({ example: 'primary-remote' });
  boundaries = await enumerate(lab, ['cluster-1', 'cluster-2']);
});

const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0];

/** A step of the first four fifths of a run, for another run may write the same down in fewer. */
const onTheWay = (count: number): Boundary => ({
  step: 1 + Math.floor(random() * count * 0.8),
  moment: pick(['before', 'torn', 'after']),
});
const atTheEnd = (): Boundary => ({
  step: pick(['save', 'removal']),
  moment: pick(['before', 'after']),
});

const rounds: [where: string, at: () => Record<Command, Boundary>][] = [
  ['apply on its way', () => ({ apply: onTheWay(boundaries.steps.apply), destroy: atTheEnd() })],
  ['destroy on its way', () => ({ apply: atTheEnd(), destroy: onTheWay(boundaries.steps.destroy) })],
];

for (const [where, boundary] of rounds) {
  test(`killed where it is written down, ${where}, the other at its end: both are finished by the next`, async () => {
    assert.equal(await round(lab, boundaries, boundary()), { apply: true, destroy: true });
  });
}

test('Ctrl-C ends apply with 130, says how the mesh stands and what is left, and keeps the state sound', async () => {
  const running = lab.start(['apply', '-y']);
  await running.shows('control-plane: begins');
  running.kill('SIGINT');
  const { code, stdout, stderr } = await running.answer;
  assert.is(code, 130, stderr);
  assert.match(stderr, 'Press Ctrl-C again');
  assert.match(stdout, /not begun: .*cluster-2\/data-plane/);
  assert.match(
    stdout,
    /cluster-2 \(remote of cluster-1\): not connected\n {4}✗ cluster-1 has the remote secret/,
  );
  assert.match(stdout, 'The way on: meshplan apply goes on from here');
  assert.match(stdout, 'The way back: apply the declaration');
  const state = await readFile(join(lab.folder, 'meshplan.state.json'), 'utf8');
  assert.type((JSON.parse(state) as { serial: number }).serial, 'number');
  await assertConverges(lab, boundaries.baseline);
  await assertStateIsSound(lab);
});

test('the lab goes without a trace', () => lab.down());

test.run();
