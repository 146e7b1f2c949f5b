import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Boundaries, type Boundary, enumerate, round } from './boundaries.js';
import { type Lab, labUp } from './lab.js';
import { seededRandom } from './random.js';

const TORN_ROUNDS = 2;

/**
 * Kills an apply and a destroy of the example before and after the steps by which they are written down:
 * part `part` of `parts` of them, until a run comes to its end. The number of steps differs by a few from
 * run to run, so the end is where a run has no such step.
 */
export function sweep(part: number, parts: number): void {
  const random = seededRandom('torn appends');
  let lab: Lab;
  let boundaries: Boundaries;

  test('an undisturbed apply and destroy show what is to be reached, and are counted', async () => {
    lab = await labUp({ example: 'primary-remote' });
    boundaries = await enumerate(lab, ['cluster-1', 'cluster-2']);
  });

  test(`killed before and after every step, part ${part} of ${parts}, both are finished by the next`, async () => {
    let isOver = false;
    for (let step = part; !isOver; step += parts) {
      for (const moment of ['before', 'after'] as const) {
        const at = { step, moment };
        const killed = await round(lab, boundaries, { apply: at, destroy: at });
        isOver = !killed.apply && !killed.destroy;
        const { apply, destroy } = boundaries.steps;
        if (isOver) assert.ok(step > 0.5 * Math.max(apply, destroy), `over at step ${step}`);
      }
    }
  });

  test('killed in the midst of an append, they are finished by the next as well', async () => {
    for (let index = 0; index < TORN_ROUNDS; index += 1) {
      const at = (count: number): Boundary => ({
        step: 1 + Math.floor(random() * count * 0.8),
        moment: 'torn',
      });
      const { apply, destroy } = boundaries.steps;
      await round(lab, boundaries, { apply: at(apply), destroy: at(destroy) });
    }
  });

  test('the lab goes without a trace', () => lab.down());
}
