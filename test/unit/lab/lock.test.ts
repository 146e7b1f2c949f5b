import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startTimeOf } from '../../../src/lab/host.js';
import { type LabLayout, layoutOf } from '../../../src/lab/layout.js';
import { withLock } from '../../../src/lab/lock.js';

const test = suite<{ lab: LabLayout }>('the lock of a lab');
test.before.each(async (context) => {
  context.lab = layoutOf(await mkdtemp(join(tmpdir(), 'meshplan-lock-')));
});
test.after.each(({ lab }) => rm(lab.dir, { recursive: true, force: true }));

const holder = async (pid: number, command: string) =>
  JSON.stringify({ pid, startTime: (await startTimeOf(process.pid)) ?? '', command });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    ({ code }: { code: string }) => code,
  );

test('a second command is told who works', async ({ lab }) => {
  const inner = () => withLock(lab, 'down', async () => assert.unreachable());
  assert.is(await withLock(lab, 'up', () => codeOf(inner())), 'lab-busy');
  assert.not.ok(existsSync(lab.lock));
});

test('a lock whose holder has ended is taken over', async ({ lab }) => {
  await writeFile(lab.lock, await holder(process.pid + 1, 'up'));
  await withLock(lab, 'down', async () => assert.match(await readFile(lab.lock, 'utf8'), '"down"'));
});

test('a lock that its holder has made but not filled yet is left alone', async ({ lab }) => {
  await writeFile(lab.lock, '');
  const taken = codeOf(withLock(lab, 'down', async () => assert.unreachable()));
  await sleep(100);
  await writeFile(lab.lock, await holder(process.pid, 'up'));
  assert.is(await taken, 'lab-busy');
});

test('a lock that stays empty is of one that was killed', async ({ lab }) => {
  await writeFile(lab.lock, '');
  assert.is(await codeOf(withLock(lab, 'down', async () => undefined)), 'done');
});

test('what another command has locked since is not given back', async ({ lab }) => {
  const other = await holder(process.pid, 'up');
  await withLock(lab, 'down', async () => {
    await rm(lab.lock);
    await writeFile(lab.lock, other);
  });
  assert.is(await readFile(lab.lock, 'utf8'), other);
});

test.run();
