import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPlanFile, refuseForeignPlan, refuseForeignState } from '../../../src/cli/commands/plan-file.js';
import { MeshplanError } from '../../../src/errors/index.js';
import type { MeshState } from '../../../src/model/state.js';
import { planToJson } from '../../../src/plan/plan-json.js';
import { formatSavedPlan } from '../../../src/saved/format.js';
import type { SavedPlan } from '../../../src/saved/saved-plan.js';
import { temporaryFolder } from '../../support/folders.js';
import { action, planWith } from './support.js';

const test = suite('plan files on the command line');
const folder = temporaryFolder();

function write(name: string, fields: Partial<SavedPlan> = {}): { file: string; digest: string } {
  const file = join(folder, name);
  const { text, digest } = formatSavedPlan({
    plan: planToJson(planWith([action('one/a')])),
    request: {},
    inputs: { overlays: [] },
    state: { serial: 0 },
    declaration: {},
    basis: {},
    ...fields,
  });
  writeFileSync(file, text);
  return { file, digest };
}

const { file, digest } = write('apply.plan');
const removal = write('removal.plan', {
  plan: planToJson(planWith([action('one/a')], { mode: 'destroy' })),
}).file;

const flags = {
  file: 'mesh.yaml',
  overlay: [],
  strict: false,
  output: 'text' as const,
  color: false,
  quiet: false,
  verbose: false,
  parallelism: 1,
  timeout: 1,
  target: [],
  exclude: [],
  partial: false,
  isFileNamed: false,
};

const opened = (more: object, verb: 'apply' | 'destroy' = 'apply') =>
  openPlanFile({ ...flags, ...more }, verb);

const refused: [what: string, flags: object, code: string][] = [
  ['--partial without a plan file', { partial: true }, 'plan-flags'],
  ['--expect-digest without a plan file', { expectDigest: digest }, 'plan-flags'],
  ['no such file', { planFile: join(folder, 'none') }, 'plan-file-unreadable'],
  ['a folder', { planFile: folder }, 'plan-file-unreadable'],
  ['another digest', { planFile: file, expectDigest: 'sha256:00' }, 'plan-digest'],
  ['a part of the digest', { planFile: file, expectDigest: digest.slice(0, -1) }, 'plan-digest'],
  ['a plan of removal', { planFile: removal }, 'plan-mode'],
];

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return '';
  } catch (error) {
    if (!(error instanceof MeshplanError)) throw error;
    assert.is(error.exitCode, 3);
    return error.code;
  }
};

for (const [what, more, code] of refused) {
  test(`${what}: ${code}`, async () => assert.is(await codeOf(() => opened(more)), code));
}

test('flags that a plan file leaves no room for are named as they were typed', async () => {
  const more = { planFile: file, target: ['a'], exclude: ['b'], adopt: ['**'] };
  await opened(more).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /so --target, --exclude, --adopt cannot/),
  );
});

test('who names a mesh file as the plan is told how to name it', async () => {
  const mesh = join(folder, 'mesh.yaml');
  writeFileSync(mesh, 'kind: Mesh');
  await opened({ planFile: mesh }).then(
    () => assert.unreachable(),
    (error: MeshplanError) => assert.match(error.hint ?? '', '--file'),
  );
});

test('without a plan file there is none', async () => assert.is(await opened({}), undefined));

test('the digest may be given with or without its name', async () => {
  for (const expectDigest of [digest, digest.replace('sha256:', '')])
    assert.is((await opened({ planFile: file, expectDigest }))?.plan.digest, digest);
});

test('destroy takes a plan of removal, and no other', async () => {
  assert.is((await opened({ planFile: removal }, 'destroy'))?.plan.plan.mode, 'destroy');
  assert.is(await codeOf(() => opened({ planFile: file }, 'destroy')), 'plan-mode');
});

test('a lower limit on impact may come on top', async () => {
  assert.is((await opened({ planFile: file, maxImpact: 'none' }))?.plan.digest, digest);
});

test('the files of the plan are those beside it, where there are none here', async () => {
  const home = join(folder, 'checkout');
  mkdirSync(home);
  writeFileSync(join(home, 'prod.yaml'), '');
  const inputs = { file: 'prod.yaml', overlays: ['eu.yaml'], state: 'prod.json' };
  const planFile = write('checkout/x.plan', { inputs }).file;
  const found = (await opened({ planFile }))?.flags;
  const inHome = (name: string) => join(relative('', home), name);
  assert.equal(
    [found?.file, found?.overlay, (found as { state?: string }).state]
      .flat()
      .map((path) => relative('', path ?? '')),
    ['prod.yaml', 'eu.yaml', 'prod.json'].map(inHome),
  );
});

test('what is named on the command line comes first', async () => {
  const inputs = { file: 'prod.yaml', overlays: ['eu.yaml'], state: 'prod.json' };
  const planFile = write('named.plan', { inputs }).file;
  const named = { file: 'my.yaml', isFileNamed: true, overlay: ['us.yaml'], env: 'test' };
  const found = (await opened({ planFile, ...named }))?.flags as Record<string, unknown>;
  assert.equal(
    [found.file, found.overlay, found.env, found.state],
    ['my.yaml', ['us.yaml'], 'test', undefined],
  );
});

test('a plan is of one mesh', async () => {
  const saved = (await opened({ planFile: file }))?.plan as SavedPlan;
  refuseForeignPlan(saved, 'mesh1', flags);
  assert.is(await codeOf(() => refuseForeignPlan(saved, 'mesh2', flags)), 'plan-foreign');
});

const stateAt = (lineage: string, serial: number): MeshState => ({
  formatVersion: '1',
  lineage,
  serial,
  mesh: 'mesh1',
  clusters: {},
  objects: {},
  certificates: {},
});

const states: [what: string, made: SavedPlan['state'], now: MeshState, isRefused: boolean][] = [
  ['the same', { lineage: 'a', serial: 3 }, stateAt('a', 3), false],
  ['what came of it', { lineage: 'a', serial: 3 }, stateAt('a', 5), false],
  ['an older copy', { lineage: 'a', serial: 3 }, stateAt('a', 2), true],
  ['another one', { lineage: 'a', serial: 3 }, stateAt('b', 3), true],
  ['none when it was made, and one now', { serial: 0 }, stateAt('b', 1), false],
];

for (const [what, state, now, isRefused] of states) {
  test(`the state is ${what}: ${isRefused ? 'refused' : 'taken'}`, async () => {
    const saved = (await opened({ planFile: write('state.plan', { state }).file }))?.plan as SavedPlan;
    assert.is(
      await codeOf(() => refuseForeignState(saved, now, flags)),
      isRefused ? 'plan-state-foreign' : '',
    );
  });
}

test.run();
