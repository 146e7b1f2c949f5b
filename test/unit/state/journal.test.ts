import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dropObject } from '../../../src/state/edit.js';
import { openState as open, type StateFile } from '../../../src/state/index.js';
import type { Fact } from '../../../src/state/journal-entries.js';
import { type Context, fails, newContext } from './support.js';

const test = suite<Context & { journal: string }>('journal');
const ACTION = 'cluster-1/namespace';
const opened: StateFile[] = [];

test.before.each((context) => {
  Object.assign(context, newContext());
  context.journal = `${context.file}.journal`;
});
test.after.each(async ({ folder }) => {
  await Promise.all(opened.splice(0).map((state) => state.journal.close()));
  rmSync(folder, { recursive: true });
});

test('every entry shows in the state at once, and after a crash', async ({ file }) => {
  const state = await openState(file, 'mesh1');
  await state.journal.begin({ action: ACTION, phase: 'applying', objects: ['a', 'b'] });
  await state.journal.record(made('a'));
  await state.journal.record({ type: 'cluster', cluster: 'cluster-1', uid: 'uid-c' });
  await state.journal.record({ type: 'certificate', name: 'root', fingerprint: 'f', notAfter: 't' });
  assert.equal(state.state.objects, { a: { uid: 'uid-a', phase: 'applying', action: ACTION } });
  const after = await openState(file, 'mesh1');
  assert.equal(after.state, state.state);
  assert.equal(
    after.interrupted.map(({ action, phase, objects }) => ({ action, phase, objects })),
    [{ action: ACTION, phase: 'applying', objects: ['a', 'b'] }],
  );
});

test('an action that is done has its objects applied; one that failed has not', async ({ file }) => {
  const state = await openState(file, 'mesh1');
  for (const [action, outcome] of [
    ['x', 'done'],
    ['y', 'failed'],
  ] as const) {
    await state.journal.begin({ action, phase: 'applying', objects: [action] });
    await state.journal.record({ ...made(action), action });
    await state.journal.end({ action, outcome });
  }
  const after = await openState(file, 'mesh1');
  assert.is(after.state.objects.x?.phase, 'applied');
  assert.is(after.state.objects.y?.phase, 'applying');
  assert.equal(after.interrupted, []);
});

test('an object that another action applies again is settled by that one', async ({ file }) => {
  const state = await withObjects(file, 'a');
  await state.journal.begin({ action: 'x', phase: 'applying', objects: ['a'] });
  assert.equal(state.state.objects.a, { uid: 'uid-a', phase: 'applying', action: 'x' });
  await state.journal.end({ action: 'x', outcome: 'done' });
  assert.equal(state.state.objects.a, { uid: 'uid-a', phase: 'applied', action: 'x' });
});

test('a deletion: known objects are marked, then gone', async ({ file }) => {
  const state = await withObjects(file, 'a', 'b');
  await state.journal.begin({ action: ACTION, phase: 'deleting', objects: ['a', 'b', 'never'] });
  await state.journal.record({ type: 'object-gone', action: ACTION, address: 'a' });
  await state.journal.record({ type: 'cluster-gone', cluster: 'cluster-1' });
  await state.journal.record({ type: 'certificate-gone', name: 'root' });
  assert.equal((await openState(file, 'mesh1')).state.objects, {
    b: { uid: 'uid-b', phase: 'deleting', action: ACTION },
  });
});

test('it is removed once the run has ended and the state is saved', async ({ file, journal }) => {
  const state = await withObjects(file, 'a');
  assert.is(statSync(journal).mode & 0o777, 0o600);
  await state.save(state.state);
  await state.journal.close();
  assert.not.ok(existsSync(journal));
  assert.is((await openState(file, 'mesh1')).state.objects.a?.phase, 'applied');
});

test('it stays where nothing was saved, something came after, or an action is open', async ({
  file,
  journal,
}) => {
  await (await withObjects(file, 'a')).journal.close();
  assert.ok(existsSync(journal), 'not saved');

  const later = await openState(file, 'mesh1');
  await later.save(later.state);
  await later.journal.record(made('b'));
  await later.journal.close();
  assert.ok(existsSync(journal), 'recorded after the save');

  const open = await openState(file, 'mesh1');
  await open.journal.begin({ action: 'open', phase: 'applying', objects: [] });
  await open.save(open.state);
  await open.journal.close();
  assert.ok(existsSync(journal), 'an action is open');
  assert.equal(
    (await openState(file, 'mesh1')).interrupted.map((entry) => entry.action),
    ['open'],
  );
});

test('one who only reads leaves it, one who saves takes it in', async ({ file, journal }) => {
  await withObjects(file, 'a', 'b');
  const reader = await openState(file, 'mesh1');
  await reader.journal.close();
  assert.ok(existsSync(journal));
  const editor = await openState(file, 'mesh1');
  await editor.save(dropObject(editor.state, 'a'));
  await editor.journal.close();
  assert.not.ok(existsSync(journal));
  assert.equal(Object.keys((await openState(file, 'mesh1')).state.objects), ['b']);
});

test('wherever the last line is torn, the lines before it hold, and the next run goes on', async ({
  file,
  journal,
}) => {
  await (await withObjects(file, 'a', 'b')).journal.close();
  const whole = readFileSync(journal);
  const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
  for (let size = whole.length; size > lastLine; size -= 1) {
    writeFileSync(journal, whole.subarray(0, size));
    assert.is(Object.keys((await openState(file, 'mesh1')).state.objects).length, 2);
  }
  appendFileSync(journal, Buffer.from([0, 0, 0xff]));
  const next = await openState(file, 'mesh1');
  await next.journal.record(made('c'));
  await next.journal.close();
  assert.equal(Object.keys((await openState(file, 'mesh1')).state.objects), ['a', 'b', 'c']);
});

test('a journal that was torn in its first line counts as none', async ({ file, journal }) => {
  await (await withObjects(file, 'a')).journal.close();
  truncateSync(journal, 10);
  const state = await openState(file, 'mesh1');
  await state.journal.record(made('b'));
  assert.equal(Object.keys((await openState(file, 'mesh1')).state.objects), ['b']);
});

for (const [title, line] of [
  ['no JSON', '{'],
  ['no entry', '{"type":"other"}'],
  ['an entry without its fields', '{"type":"end","time":"t"}'],
  ['zeros', '\0\0'],
] as const) {
  test(`${title} in the middle: journal-corrupt, with file and line`, async ({ file, journal }) => {
    await (await withObjects(file, 'a')).journal.close();
    appendFileSync(journal, `${line}\n{"type":"end","time":"t","action":"a","outcome":"done"}\n`);
    const lines = readFileSync(journal, 'utf8').split('\n').length - 1;
    const error = await fails('journal-corrupt', () => openState(file, 'mesh1'));
    assert.match(error.message, `${journal}:${lines - 1} `);
  });
}

test('a journal of another state is refused', async ({ file, journal }) => {
  const state = await withObjects(file, 'a');
  await state.save(state.state);
  const text = readFileSync(journal, 'utf8').replace(state.state.lineage, 'another');
  writeFileSync(journal, text);
  await fails('journal-foreign', () => openState(file, 'mesh1'));
  rmSync(file);
  await fails('journal-foreign', () => openState(file, 'mesh2'));
});

test('a journal without its state starts the same lineage', async ({ file }) => {
  const { state } = await withObjects(file, 'a');
  assert.is((await openState(file, 'mesh1')).state.lineage, state.lineage);
});

test('forty entries at once wait for the disk twice or three times, not forty times', async ({
  file,
  folder,
}) => {
  const state = await openState(file, 'mesh1');
  const handle = await openFile(folder, 'r');
  const prototype: Pick<FileHandle, 'datasync'> = Object.getPrototypeOf(handle);
  await handle.close();
  const { datasync } = prototype;
  let syncs = 0;
  prototype.datasync = function (this: FileHandle) {
    syncs += 1;
    return datasync.call(this);
  };
  try {
    const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
    await Promise.all(names.map((name) => state.journal.record(made(name))));
  } finally {
    prototype.datasync = datasync;
  }
  assert.ok(syncs >= 1 && syncs <= 3, `${syncs} times`);
  assert.is(Object.keys((await openState(file, 'mesh1')).state.objects).length, 40);
});

test('an entry that the disk refuses fails and says so', async ({ folder }) => {
  const state = await openState(join(folder, 'later', 'state.json'), 'mesh1');
  writeFileSync(join(folder, 'later'), 'in the way');
  await fails('journal-unwritable', () => state.journal.record(made('a')));
});

test('after close nothing can be added', async ({ file }) => {
  const state = await withObjects(file, 'a');
  await state.journal.close();
  let failed = false;
  await state.journal.record(made('b')).catch(() => {
    failed = true;
  });
  assert.ok(failed);
});

/** A state that nobody closes before the test is over, as after a crash. */
async function openState(file: string, mesh: string): Promise<StateFile> {
  const state = await open(file, mesh);
  opened.push(state);
  return state;
}

function made(address: string): Fact & { type: 'object' } {
  return { type: 'object', action: ACTION, address, uid: `uid-${address}`, phase: 'applying' };
}

/** A state whose journal tells of objects that one finished action made. */
async function withObjects(file: string, ...addresses: string[]): Promise<StateFile> {
  const state = await openState(file, 'mesh1');
  await state.journal.begin({ action: ACTION, phase: 'applying', objects: addresses });
  await Promise.all(addresses.map((address) => state.journal.record(made(address))));
  await state.journal.end({ action: ACTION, outcome: 'done' });
  return state;
}

test.run();
