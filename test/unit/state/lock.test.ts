import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { acquireLock, isLockDead, type LockHolder, readLock, removeLock } from '../../../src/state/index.js';
import { type Context, fails, newContext, startFixture } from './support.js';

const test = suite<Context & { lock: string }>('lock');
const OPTIONS = { command: 'meshplan apply' };

test.before.each((context) => {
  Object.assign(context, newContext());
  context.lock = `${context.file}.lock`;
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('it names its holder, is private, and is gone after its release', async ({ file, lock, folder }) => {
  const held = await acquireLock(file, OPTIONS);
  const holder = await readLock(file);
  assert.is(holder?.pid, process.pid);
  assert.is(holder?.command, 'meshplan apply');
  assert.ok(holder?.user && holder.host && holder.time);
  assert.is(statSync(lock).mode & 0o777, 0o600);
  await held.release();
  await held.release();
  assert.equal(readdirSync(folder), []);
  assert.is(await readLock(file), undefined);
});

test('a second locker is told who holds it and for how long', async ({ file }) => {
  const held = await acquireLock(file, OPTIONS);
  const error = await fails('state-locked', () => acquireLock(file, OPTIONS));
  const holder = await readLock(file);
  assert.match(
    error.message,
    `meshplan apply (pid ${process.pid}, user ${holder?.user}, host ${holder?.host})`,
  );
  assert.match(error.message, /for \d+ s$/);
  assert.match(error.hint ?? '', 'meshplan state unlock');
  await held.release();
});

test('one who waits is told once whom for, and gets it when it is free', async ({ file }) => {
  const held = await acquireLock(file, OPTIONS);
  const waitedFor: number[] = [];
  const waiting = acquireLock(file, {
    ...OPTIONS,
    timeoutMs: 5000,
    onWait: (holder) => waitedFor.push(holder.pid),
  });
  await sleep(250);
  await held.release();
  const next = await waiting;
  assert.equal(waitedFor, [process.pid]);
  await next.release();
});

test('waiting ends at the time limit', async ({ file }) => {
  const held = await acquireLock(file, OPTIONS);
  const start = Date.now();
  await fails('state-locked', () => acquireLock(file, { ...OPTIONS, timeoutMs: 200 }));
  assert.ok(Date.now() - start >= 190);
  await held.release();
});

test('a holder that has ended on this host is replaced', async ({ file }) => {
  await leaveDeadLock(file);
  const held = await acquireLock(file, OPTIONS);
  assert.is((await readLock(file))?.pid, process.pid);
  await held.release();
});

test('a zombie holds nothing', async ({ file }) => {
  if (process.platform !== 'linux') return console.log('skipped: reads /proc');
  // The shell is replaced by sleep, which never asks for its child's end.
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 5'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [output] = await once(parent.stdout, 'data');
  const pid = Number(String(output).trim());
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await sleep(10);
  await plantLock(file, { pid, start: 'of a process that ran' });
  assert.ok(await isLockDead((await readLock(file)) as LockHolder));
  parent.kill('SIGKILL');
  await once(parent, 'close');
});

test('a pid that another process has got meanwhile is seen by its start', async ({ file }) => {
  await plantLock(file, { start: 'another start' });
  const held = await acquireLock(file, OPTIONS);
  assert.not.equal((await readLock(file))?.start, 'another start');
  await held.release();
});

test('a lock of another host or another PID namespace is never taken over', async ({ file }) => {
  for (const foreign of [{ host: 'elsewhere' }, { pidNamespace: 'pid:[1]' }]) {
    await plantLock(file, { pid: 99_999_999, ...foreign });
    const error = await fails('state-locked', () => acquireLock(file, OPTIONS));
    assert.match(error.message, 'pid 99999999');
    assert.ok(await removeLock(file));
  }
  assert.not.ok(await removeLock(file));
});

test('a lock file that nobody wrote is an error with the way out', async ({ file, lock }) => {
  writeFileSync(lock, '');
  await fails('state-lock-unreadable', () => acquireLock(file, OPTIONS));
  assert.ok(await removeLock(file));
});

test('the release of a lock that was removed by hand leaves its successor alone', async ({ file, lock }) => {
  const held = await acquireLock(file, OPTIONS);
  await removeLock(file);
  const next = await acquireLock(file, OPTIONS);
  await held.release();
  assert.ok(existsSync(lock));
  await next.release();
});

for (const title of ['a free lock', 'a dead lock', 'a dead lock whose last taker died too']) {
  test(`six processes race for ${title}: one wins`, async ({ file }) => {
    if (title !== 'a free lock') await leaveDeadLock(file);
    if (title.endsWith('too')) await leaveDeadClaim(file);
    const start = String(Date.now() + 2500);
    const racers = Array.from({ length: 6 }, () => startFixture('locker', file, start));
    const answers = await Promise.all(
      racers.map(async (racer) => String((await once(racer.stdout, 'data'))[0]).trim()),
    );
    const winner = racers[answers.indexOf('won')];
    assert.is((await readLock(file))?.pid, winner?.pid);
    assert.equal(answers.toSorted(), [...Array(5).fill('state-locked'), 'won']);
    const ended = racers.map((racer) => racer.exitCode === null && once(racer, 'exit'));
    winner?.kill('SIGKILL');
    await Promise.all(ended);
  });
}

/** Writes a lock as this process would, with some fields changed. */
async function plantLock(file: string, change: Partial<LockHolder>): Promise<LockHolder> {
  const held = await acquireLock(file, OPTIONS);
  const holder = await readLock(file);
  await held.release();
  if (holder === undefined) throw new Error('the lock was not taken');
  const planted = { ...holder, ...change };
  writeFileSync(`${file}.lock`, JSON.stringify(planted));
  return planted;
}

function leaveDeadLock(file: string): Promise<LockHolder> {
  return plantLock(file, { pid: 99_999_999 });
}

/** As if a process had been killed while it took the dead lock over. */
async function leaveDeadClaim(file: string): Promise<void> {
  const dead = readFileSync(`${file}.lock`, 'utf8');
  const { id } = JSON.parse(dead);
  const claim = { ...JSON.parse(dead), id: id.replace(/^......../, 'deadbeef') };
  writeFileSync(`${file}.lock.${id}`, JSON.stringify(claim));
}

test.run();
