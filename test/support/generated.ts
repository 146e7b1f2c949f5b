import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../src/apply/apply.js';
import { Recorder } from '../../src/apply/recorder.js';
import { type Wired, type WireFlags, wire } from '../../src/cli/wiring.js';
import { survey, surveyDestroy } from '../../src/engine/survey.js';
import { messageOf } from '../../src/errors/index.js';
import type { Plan } from '../../src/model/plan.js';
import { acquireLock } from '../../src/state/index.js';
import { assertSameListings, type Listings, listings, withoutAddresses } from './inventory.js';
import { type Lab, labUp } from './lab.js';
import { type Edit, edited, edits, meshesOf } from './mesh-arbitrary.js';
import { type ClusterSpec, type MeshSpec, writeMesh } from './mesh-spec.js';

/** What befalls an apply before one that is left alone. */
const FATES = ['none', 'none', 'abort', 'invalid', 'kill'] as const;

/** One mesh and its edits, with what befalls each apply; all of it follows from a seed. */
interface Case {
  mesh: MeshSpec;
  steps: { edits: Edit[]; fate: (typeof FATES)[number]; moment: number }[];
}

const CONTEXTS = ['shop-hub', 'shop-edge-north', 'shop-edge-south'];
const CLUSTERS: ClusterSpec[] = [
  { name: 'hub', context: 'shop-hub', region: 'us-east-1' },
  { name: 'edge-north', context: 'shop-edge-north', primary: 'hub', region: 'eu-north-1' },
  { name: 'edge-south', context: 'shop-edge-south', primary: 'hub', region: 'eu-south-1' },
];

/** From nothing only now and then, for it costs as much as many edits. */
const FROM_NOTHING = 8;

const arbitrary: fc.Arbitrary<Case> = fc.record({
  mesh: meshesOf(CLUSTERS),
  steps: fc.array(
    fc.record({ edits, fate: fc.constantFrom(...FATES), moment: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { minLength: 1, maxLength: 2 },
  ),
});

const meshAfter = ({ mesh, steps }: Case): MeshSpec =>
  steps.reduce((spec, step) => edited(spec, step.edits), mesh);

/**
 * Registers a test for each of `count` generated cases on one lab. What a case begins with is what the one
 * before has left; every eighth begins with nothing. MESHPLAN_TEST_SEED and MESHPLAN_TEST_CASE, which each
 * case prints, run it alone, upon the same beginning.
 */
export function generatedCases(test: Test, count: number): void {
  const seed = Number(process.env.MESHPLAN_TEST_SEED ?? Date.now() % 1_000_000);
  const only = process.env.MESHPLAN_TEST_CASE;
  let lab: Lab;
  let before: Listings;

  test('three clusters start', async () => {
    lab = await labUp({ example: 'two-remotes' });
    before = await listings(lab, CONTEXTS);
  });

  for (const number of only === undefined ? range(count) : [Number(only)]) {
    const { mesh, steps } = caseOf(seed, number);
    test(`case ${number}: ${steps.map(({ fate }) => fate).join(', ')}`, async () => {
      const began = performance.now();
      console.log(`\nMESHPLAN_TEST_SEED=${seed} MESHPLAN_TEST_CASE=${number}`);
      if (only !== undefined && !isFromNothing(number))
        await converge(lab, meshAfter(caseOf(seed, number - 1)));
      if (isFromNothing(number)) await assertGoes(lab, before);
      await converge(lab, mesh);
      let spec = mesh;
      for (const step of steps) {
        spec = edited(spec, step.edits);
        await disturb(lab, spec, step);
        await converge(lab, spec);
      }
      console.log(`${Math.round(performance.now() - began)} ms`);
    });
  }

  test('a removal leaves nothing', () => assertGoes(lab, before));

  test('the lab goes without a trace', () => lab.down());
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const isFromNothing = (number: number) => number % FROM_NOTHING === 0;

/**
 * The control plane is as the last case from nothing has it: to roll istiod out anew takes as long as many
 * edits of what it serves.
 */
function caseOf(seed: number, number: number): Case {
  const draw = (index: number) => {
    const [drawn] = fc.sample(arbitrary, { seed: seed + index, numRuns: 1 });
    if (!drawn) throw new Error('nothing was drawn');
    return drawn;
  };
  const { replicas, trustDomain, remoteKeys } = draw(number - (number % FROM_NOTHING)).mesh;
  const drawn = draw(number);
  return { ...drawn, mesh: { ...drawn.mesh, replicas, trustDomain, remoteKeys } };
}

async function withMesh<T>(lab: Lab, work: (wired: Wired) => Promise<T>): Promise<T> {
  const flags: WireFlags = {
    file: join(lab.folder, 'mesh.yaml'),
    overlay: [],
    strict: false,
    kubeconfig: join(lab.dir, 'kubeconfig'),
    istioctl: join(lab.dir, 'bin', 'istioctl'),
  };
  const lock = await acquireLock(stateFile(lab), { command: 'a test' });
  try {
    const wired = await wire(flags);
    try {
      return await work(wired);
    } finally {
      wired.close();
    }
  } finally {
    await lock.release();
  }
}

const stateFile = (lab: Lab) => join(lab.folder, 'meshplan.state.json');

/** Carries a plan out, unless an error in it forbids that; tells what failed. */
async function carryOut(
  wired: Wired,
  way: typeof survey,
  stopAt = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const found = await way(wired.context);
  const errors = found.plan.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors.map(({ message }) => message);
  const recorder = new Recorder(wired.state);
  await recorder.identify(found.plan.clusters);
  const abort = new AbortController();
  let begun = 0;
  const result = await apply(wired.context, found, {
    parallelism: 10,
    signal: abort.signal,
    onEvent: ({ type }) => {
      if (type !== 'action.started') return;
      begun += 1;
      if (begun >= stopAt) abort.abort();
    },
    recorder,
  });
  const unsaved = result.unsaved === undefined ? [] : [messageOf(result.unsaved)];
  return [...result.failures.map(({ action, error }) => `${action}: ${messageOf(error)}`), ...unsaved];
}

/** An apply that ends early or fails; whatever it has done, the next one has to cope with. */
async function disturb(lab: Lab, spec: MeshSpec, { fate, moment }: Case['steps'][number]): Promise<void> {
  const [namespace] = spec.namespaces;
  const broken = fate === 'invalid' && namespace ? { broken: namespace } : {};
  await writeMesh(lab.folder, { ...spec, ...broken });
  if (fate === 'abort') await withMesh(lab, (wired) => carryOut(wired, survey, 1 + Math.floor(moment * 6)));
  if (fate === 'invalid' && namespace) {
    assert.not.equal(await withMesh(lab, (wired) => carryOut(wired, survey)), [], 'the API server takes it');
  }
  if (fate === 'kill') {
    const running = lab.start(['apply', '-y', '--quiet']);
    await Promise.race([sleep(500 + moment * 3_500), running.answer]);
    running.kill('SIGKILL');
    await running.answer;
  }
}

/** One apply that is left alone makes the mesh; the plan after it is empty, and the state is what is live. */
async function converge(lab: Lab, spec: MeshSpec): Promise<void> {
  await writeMesh(lab.folder, spec);
  assert.equal(await withMesh(lab, (wired) => carryOut(wired, survey)), []);
  const plan = await withMesh(lab, async ({ context }) => (await survey(context)).plan);
  assert.equal(
    plan.actions.flatMap(({ id, change, objects }) =>
      change === 'noop'
        ? []
        : [id, ...objects.filter((item) => item.change !== 'noop').map((item) => [item.address, item.patch])],
    ),
    [],
  );
  assert.ok(plan.complete);
  await assertStateIsLive(lab, plan);
}

async function assertStateIsLive(lab: Lab, plan: Plan): Promise<void> {
  const state = JSON.parse(await readFile(stateFile(lab), 'utf8')) as {
    objects: Record<string, { uid: string; phase: string }>;
  };
  const live = plan.actions.flatMap(({ objects }) => objects.filter((object) => !object.shared));
  const expected = live.map(({ address, uid }): [string, string] => [address, `${uid} applied`]);
  const held = Object.entries(state.objects).map(([address, { uid, phase }]): [string, string] => [
    address,
    `${uid} ${phase}`,
  ]);
  assert.equal(Object.fromEntries(held.sort()), Object.fromEntries(expected.sort()));
  for (const suffix of ['.lock', '.journal']) {
    assert.is(await readFile(stateFile(lab) + suffix, 'utf8').catch(() => undefined), undefined, suffix);
  }
}

/** A removal leaves the clusters as they were at first. */
async function assertGoes(lab: Lab, before: Listings): Promise<void> {
  const hasState = await readFile(stateFile(lab)).catch(() => undefined);
  if (!hasState) return;
  assert.equal(await withMesh(lab, (wired) => carryOut(wired, surveyDestroy)), []);
  assertSameListings(withoutAddresses(await listings(lab, CONTEXTS)), withoutAddresses(before));
}
