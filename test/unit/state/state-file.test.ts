import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode } from '../../../src/errors/index.js';
import { recordObject, setCertificate, setClusterUid } from '../../../src/state/edit.js';
import { openState } from '../../../src/state/index.js';
import { type Context, fails, newContext } from './support.js';

const test = suite<Context>('state file');
const ADDRESS = 'cluster-1/v1/Namespace/istio-system';
const OBJECT = { uid: 'uid-1', phase: 'applied', action: 'cluster-1/namespace' } as const;

test.before.each((context) => {
  Object.assign(context, newContext());
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a missing file is a fresh state, and opening writes nothing', async ({ file, folder }) => {
  const { state, interrupted } = await openState(file, 'mesh1');
  assert.is(state.serial, 0);
  assert.is(state.mesh, 'mesh1');
  assert.match(state.lineage, /^[0-9a-f-]{36}$/);
  assert.equal(interrupted, []);
  assert.equal(readdirSync(folder), []);
});

test('what was saved is read, with the same lineage and only its owner may read it', async ({
  file,
  folder,
}) => {
  const first = await openState(file, 'mesh1');
  await first.save(setClusterUid(recordObject(first.state, ADDRESS, OBJECT), 'cluster-1', 'uid-c'));
  await first.journal.close();
  const second = await openState(file, 'mesh1');
  assert.equal(second.state, first.state);
  assert.equal(second.state.objects, { [ADDRESS]: OBJECT });
  assert.is(second.state.serial, 1);
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.equal(readdirSync(folder), ['meshplan.state.json']);
});

test('the serial grows with the content alone', async ({ file }) => {
  const state = await openState(file, 'mesh1');
  await state.save(state.state);
  await state.save(state.state);
  assert.is(state.state.serial, 1);
  const before = statSync(file).mtimeMs;
  await state.save({ ...state.state, serial: 99 });
  assert.is(statSync(file).mtimeMs, before);
  await state.save(recordObject(state.state, ADDRESS, OBJECT));
  assert.is((await openState(file, 'mesh1')).state.serial, 2);
});

test('saves at the same time are written one after the other', async ({ file }) => {
  const state = await openState(file, 'mesh1');
  const saves = Array.from({ length: 20 }, (_, item) =>
    state.save(recordObject(state.state, `cluster-1/v1/Namespace/n${item}`, OBJECT)),
  );
  await Promise.all(saves);
  const read = await openState(file, 'mesh1');
  assert.is(Object.keys(read.state.objects).length, 20);
  assert.is(read.state.serial, 20);
});

test('the text has sorted keys, whatever the order of the edits', async ({ file }) => {
  const state = await openState(file, 'mesh1');
  const reversed = ['z', 'm', 'a'].reduce((next, name) => recordObject(next, name, OBJECT), state.state);
  await state.save(setCertificate(reversed, 'root', { notAfter: '2030-01-01T00:00:00Z', fingerprint: 'ab' }));
  const text = readFileSync(file, 'utf8');
  const value = JSON.parse(text);
  assert.equal(Object.keys(value.objects), ['a', 'm', 'z']);
  assert.equal(Object.keys(value), [...Object.keys(value)].sort());
  assert.is(text, `${JSON.stringify(value, null, 2)}\n`);
});

test('a link is followed, not replaced', async ({ file, folder }) => {
  const target = join(folder, 'shared.json');
  const state = await openState(target, 'mesh1');
  await state.save(state.state);
  symlinkSync(target, file);
  const linked = await openState(file, 'mesh1');
  await linked.save(recordObject(linked.state, ADDRESS, OBJECT));
  assert.equal((await openState(target, 'mesh1')).state.objects, { [ADDRESS]: OBJECT });
});

test('a save over what another process saved is refused', async ({ file }) => {
  const [one, other] = [await openState(file, 'mesh1'), await openState(file, 'mesh1')];
  await one.save(recordObject(one.state, ADDRESS, OBJECT));
  await fails('state-changed', () => other.save(other.state));
  assert.equal((await openState(file, 'mesh1')).state.objects, { [ADDRESS]: OBJECT });
});

test('a half-written file of a crashed save is swept away by the next', async ({ file, folder }) => {
  // The largest id that Linux gives is 4194304, so this one never runs.
  writeFileSync(`${file}.99999999-0a1b2c3d.tmp`, '{');
  writeFileSync(`${file}.mine.tmp`, '');
  const state = await openState(file, 'mesh1');
  await state.save(state.state);
  assert.equal(readdirSync(folder).sort(), ['meshplan.state.json', 'meshplan.state.json.mine.tmp']);
});

const GOOD = {
  formatVersion: '1',
  lineage: 'l',
  serial: 1,
  mesh: 'mesh1',
  clusters: {},
  objects: {},
  certificates: {},
};
for (const [title, text, code] of [
  ['an empty file', '', 'state-corrupt'],
  ['no JSON', '{"formatVersion"', 'state-corrupt'],
  ['a list', '[]', 'state-corrupt'],
  ['no format version', '{}', 'state-corrupt'],
  ['no objects', JSON.stringify({ ...GOOD, objects: undefined }), 'state-corrupt'],
  ['a wrong phase', JSON.stringify({ ...GOOD, objects: { a: { ...OBJECT, phase: 'x' } } }), 'state-corrupt'],
  ['a broken serial', JSON.stringify({ ...GOOD, serial: -1 }), 'state-corrupt'],
  ['a later format', JSON.stringify({ ...GOOD, formatVersion: '2' }), 'state-version-unsupported'],
  ['another mesh', JSON.stringify({ ...GOOD, mesh: 'mesh2' }), 'state-foreign'],
] as const) {
  test(`${title}: ${code}, exit code 3, nothing overwritten`, async ({ file }) => {
    writeFileSync(file, text);
    const error = await fails(code, () => openState(file, 'mesh1'));
    assert.is(error.exitCode, ExitCode.invalid);
    assert.match(error.message, file);
    assert.is(readFileSync(file, 'utf8'), text);
  });
}

test('a folder in the place of the file: state-unreadable', ({ folder }) =>
  fails('state-unreadable', () => openState(folder, 'mesh1')).then(() => undefined));

test('a save that the disk refuses fails and leaves no half file', async ({ folder }) => {
  // Short enough for a file and its journal, too long for a temporary file.
  const state = await openState(join(folder, 'n'.repeat(245)), 'mesh1');
  await fails('state-unwritable', () => state.save(state.state));
  assert.equal(readdirSync(folder), []);
});

test('what objects carry beside the known fields reaches neither state nor journal', async ({ file }) => {
  const canary = { data: '-----BEGIN PRIVATE KEY-----' };
  const state = await openState(file, 'mesh1');
  await state.journal.record({ type: 'object', address: ADDRESS, ...OBJECT, ...canary });
  await state.journal.record({
    type: 'certificate',
    name: 'root',
    fingerprint: 'f',
    notAfter: 't',
    ...canary,
  });
  await state.save(recordObject(state.state, 'other', { ...OBJECT, ...canary }));
  for (const path of [file, `${file}.journal`]) assert.not.match(readFileSync(path, 'utf8'), 'PRIVATE');
});

test('where neither state nor journal can be written, the state is put elsewhere, ready to use', async ({
  file,
}) => {
  const state = await openState(file, 'mesh1');
  mkdirSync(`${file}.journal`);
  mkdirSync(file);
  const fact = {
    type: 'object',
    action: 'one/a',
    address: 'one/v1/ConfigMap/shop/x',
    uid: 'u1',
    phase: 'applied',
  };
  await fails('journal-unwritable', () => state.journal.record(fact as never));
  const { hint = '' } = await fails('state-unwritable', () => state.save(state.state));
  const [, dump = ''] = /mv (\S+) /.exec(hint) ?? [];
  assert.is(statSync(dump).mode & 0o777, 0o600);
  rmdirSync(`${file}.journal`);
  rmdirSync(file);
  renameSync(dump, file);
  assert.is((await openState(file, 'mesh1')).state.objects['one/v1/ConfigMap/shop/x']?.uid, 'u1');
});

test('where the journal is whole, nothing is put elsewhere', async ({ file, folder }) => {
  const state = await openState(file, 'mesh1');
  mkdirSync(file);
  await state.journal.begin({ action: 'one/a', phase: 'applying', objects: [] });
  const { hint } = await fails('state-unwritable', () => state.save(state.state));
  assert.match(hint ?? '', 'The journal keeps what this run did');
  assert.equal(
    readdirSync(folder).filter((name) => name.includes('errored')),
    [],
  );
});

test.run();
