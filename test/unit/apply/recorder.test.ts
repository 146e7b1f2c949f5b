import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Recorder } from '../../../src/apply/recorder.js';
import type { Plan } from '../../../src/model/plan.js';
import { openState, type StateFile } from '../../../src/state/index.js';

const test = suite<{ folder: string; state: StateFile }>('what a run leaves in the state');

const RUN = 'one/data-plane';
const addressOf = (name: string) => `one/v1/Service/shop/${name}`;

/** A plan over a cluster that was read, in which these objects stand. */
const planOf = (...names: string[]): Plan => ({
  formatVersion: '1',
  mesh: 'mesh1',
  mode: 'apply',
  complete: true,
  overlays: [],
  clusters: [{ name: 'one', uid: 'u', server: '', version: '', reachable: true }],
  actions: [
    {
      id: RUN,
      kind: 'data-plane',
      cluster: 'one',
      after: [],
      change: 'update',
      reason: 'absent',
      purpose: '',
      impact: 'none',
      objects: names.map((name) => ({
        address: addressOf(name),
        cluster: 'one',
        apiVersion: 'v1',
        kind: 'Service',
        namespace: 'shop',
        name,
        change: 'create',
        reason: 'absent',
        patch: [],
        sensitive: false,
        unknown: [],
        force: true,
        shared: false,
      })),
    },
  ],
  drift: [],
  diagnostics: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, noop: 0, unknown: 0, blocked: 0 },
});

test.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'meshplan-recorder-'));
  context.state = await openState(join(context.folder, 'meshplan.state.json'), 'mesh1');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('what is in the plan and what came only while it was carried out', async ({ state }) => {
  const recorder = new Recorder(state);
  await recorder.begin(RUN, 'applying', []);
  for (const name of ['planned', 'late']) await recorder.applied(RUN, addressOf(name), `uid-${name}`);
  await recorder.end(RUN, 'done');
  await recorder.finish(planOf('planned'));
  assert.equal(Object.keys(state.state.objects).sort(), ['late', 'planned'].map(addressOf));
});

for (const [outcome, phase] of [
  ['done', 'applied'],
  ['failed', 'applying'],
] as const) {
  test(`what is as declared is ${phase} once its action is ${outcome}`, async ({ folder, state }) => {
    const recorder = new Recorder(state);
    await recorder.begin(RUN, 'applying', []);
    await recorder.applied(RUN, addressOf('web'), 'uid-web');
    await recorder.end(RUN, 'failed');
    await recorder.finish(planOf('web'));

    // The next run changes nothing, and waits.
    const later = await openState(join(folder, 'meshplan.state.json'), 'mesh1');
    const next = new Recorder(later);
    const plan = planOf('web');
    const [action] = plan.actions;
    const found = { change: 'noop', reason: 'in-sync', uid: 'uid-web' } as const;
    const objects = action?.objects.map((object) => ({ ...object, ...found })) ?? [];
    await next.begin(RUN, 'applying', objects);
    await next.end(RUN, outcome);
    const again = { ...plan, actions: plan.actions.map((item) => ({ ...item, objects })) };
    await next.finish(again, new Set([addressOf('web')]));
    assert.is(later.state.objects[addressOf('web')]?.phase, phase);
  });
}

test('what an earlier run wrote and this plan does not find is forgotten', async ({ state }) => {
  const before = new Recorder(state);
  await before.begin(RUN, 'applying', []);
  await before.applied(RUN, addressOf('gone'), 'uid-gone');
  await before.end(RUN, 'done');
  await before.finish(planOf('gone'));
  await new Recorder(state).finish(planOf());
  assert.equal(state.state.objects, {});
});

test('a cluster that was renamed is known by its new name alone; one that left mesh.yaml stays known', async ({
  state,
}) => {
  const recorder = new Recorder(state);
  await recorder.identify([
    { name: 'old', uid: 'u' },
    { name: 'gone', uid: 'another' },
    { name: 'one', uid: 'u' },
  ]);
  await recorder.applied('old/data-plane', 'old/v1/Service/shop/a', 'uid-of-a');
  await recorder.applied('gone/data-plane', 'gone/v1/Service/shop/a', 'uid-of-b');
  await recorder.certified('old', { fingerprint: 'aa', notAfter: '2030-01-01T00:00:00Z' });
  await recorder.finish(planOf('a'));
  assert.equal(Object.keys(state.state.clusters).sort(), ['gone', 'one']);
  assert.equal(Object.keys(state.state.objects), ['gone/v1/Service/shop/a']);
  assert.equal(state.state.certificates, {});
});

test.run();
