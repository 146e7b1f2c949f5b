import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { MeshState } from '../../src/model/state.js';
import { openState } from '../../src/state/index.js';
import { listAll } from './inventory.js';
import { assertConverges, assertGoes, assertStateIsSound, type Baseline, measure } from './kill-sweep.js';
import type { Lab } from './lab.js';
import { ROOT } from './run.js';

export type Command = 'apply' | 'destroy';

/** Where a run is killed: before, in the midst of, or after the step by which it is written down. */
export interface Boundary {
  /** Counted from 1; `save` of the state and `removal` of the journal are the last two. */
  step: number | 'save' | 'removal';
  moment: 'before' | 'torn' | 'after';
}

export interface Boundaries {
  baseline: Baseline;
  /** How many steps an undisturbed run of each has; it differs by a few from run to run. */
  steps: Record<Command, number>;
  /** The addresses that the state holds after an apply. */
  recorded: string[];
}

const STATE = 'meshplan.state.json';
const preload = { NODE_OPTIONS: `--import=${join(ROOT, 'test', 'support', 'boundary-preload.mjs')}` };

/** An undisturbed apply and destroy, whose boundaries are counted. */
export async function enumerate(lab: Lab, clusters: string[]): Promise<Boundaries> {
  const file = join(lab.folder, 'steps');
  const steps = { apply: 0, destroy: 0 };
  let recorded: string[] = [];
  const baseline = await measure(lab, clusters, {
    env: { ...preload, MESHPLAN_TEST_STEPS: file },
    after: async (command) => {
      steps[command] = readFileSync(file, 'utf8').trim().split('\n').length;
      rmSync(file);
      if (command === 'apply') recorded = Object.keys((await stateOf(lab)).objects).sort();
    },
  });
  console.log(`steps that are written down: ${steps.apply} in apply, ${steps.destroy} in destroy`);
  assert.ok(steps.apply > 20 && steps.destroy > 10, 'the steps are counted');
  return { baseline, steps, recorded };
}

/** Kills a run at one boundary. @returns false where the run had fewer steps and came to its end. */
export async function killAt(lab: Lab, command: Command, { step, moment }: Boundary): Promise<boolean> {
  const env = { ...preload, MESHPLAN_TEST_BOUNDARY: `${step} ${moment}` };
  const file = join(lab.folder, 'steps');
  const { signal, code, stderr } = await lab.start([command, '-y'], { ...env, MESHPLAN_TEST_STEPS: file })
    .answer;
  const last = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').at(-1) : 'nothing';
  rmSync(file, { force: true });
  const wasKilled = signal === 'SIGKILL';
  console.log(
    `${command}, step ${step}, ${moment}: ${wasKilled ? `killed at ${last}` : `ended with ${code}`}`,
  );
  if (!wasKilled) assert.is(code, 0, stderr);
  return wasKilled;
}

/**
 * One round on empty clusters: an apply is killed, the next one makes the mesh; a destroy is killed, the next
 * one removes all. No object is doubled, forgotten or left over.
 * @returns whether each run was killed.
 */
export async function round(
  lab: Lab,
  { baseline, recorded }: Boundaries,
  at: Record<Command, Boundary>,
): Promise<Record<Command, boolean>> {
  const apply = await killAt(lab, 'apply', at.apply);
  await assertNothingIsLost(lab, baseline.clusters);
  await assertConverges(lab, baseline);
  await assertStateIsSound(lab);
  assert.equal(Object.keys((await stateOf(lab)).objects).sort(), recorded, 'the state holds every object');
  const destroy = await killAt(lab, 'destroy', at.destroy);
  await assertNothingIsLost(lab, baseline.clusters);
  await assertGoes(lab, baseline);
  assert.equal((await stateOf(lab)).objects, {}, 'the state holds nothing any more');
  return { apply, destroy };
}

const stateOf = async (lab: Lab): Promise<MeshState> =>
  (await openState(join(lab.folder, STATE), 'mesh1')).state;

/** State and journal name every object in the clusters that meshplan made, or an action that may have. */
async function assertNothingIsLost(lab: Lab, clusters: string[]): Promise<void> {
  const { state, interrupted } = await openState(join(lab.folder, STATE), 'mesh1');
  const begun = new Set(interrupted.flatMap((action) => action.objects));
  const listed = await Promise.all(
    clusters.map(async (cluster) => (await listMoving(lab, cluster)).map((line) => ({ cluster, line }))),
  );
  for (const { cluster, line } of listed.flat()) {
    const [kind, apiVersion, namespace, name, uid, labels] = line.split(/ {2,}/);
    if (!labels?.includes('meshplan.dev/mesh:mesh1') || isDerived(kind)) continue;
    const scope = namespace === '<none>' ? [] : [namespace];
    const address = [cluster, apiVersion, kind, ...scope, name].join('/');
    const known = state.objects[address]?.uid === uid || begun.has(address);
    assert.ok(known, `${address} (${uid}) is neither in the state nor in the journal`);
  }
}

/** All objects of a cluster in which a kind may just be going: what was listed is then not served any more. */
async function listMoving(lab: Lab, cluster: string): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await listAll(lab, cluster);
    } catch (error) {
      if (tries >= 10) throw error;
      await sleep(500);
    }
  }
}

/** Controllers copy the labels of a Service to what they make for it. */
const isDerived = (kind: string | undefined) => kind === 'Endpoints' || kind === 'EndpointSlice';
