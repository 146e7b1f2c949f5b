import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  acquireLock,
  isLockDead,
  type LockHolder,
  readLock,
  removeLock,
  runningHolder,
} from '../../../src/state/index.js';
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

test('two links to one state meet at one lock, also before the state is there', async ({ file, folder }) => {
  for (const content of [undefined, '{}']) {
    if (content !== undefined) writeFileSync(file, content);
    const links = ['one', 'two'].map((name) => {
      const link = join(mkdtempSync(join(folder, 'checkout-')), name);
      symlinkSync(content === undefined ? file : relative(dirname(link), file), link);
      return link;
    });
    const [one = '', two = ''] = links;
    const held = await acquireLock(one, OPTIONS);
    await fails('state-locked', () => acquireLock(two, OPTIONS));
    assert.is((await readLock(two))?.pid, process.pid);
    assert.ok(existsSync(`${file}.lock`));
    await held.release();
  }
});

test('a link that leads in a circle is an error', async ({ folder }) => {
  const link = join(folder, 'circle');
  symlinkSync(link, link);
  await fails('state-lock-failed', () => acquireLock(link, OPTIONS));
});

test('a holder that has ended on this host is replaced', async ({ file }) => {
  await leaveDeadLock(file);
  const held = await acquireLock(file, OPTIONS);
  assert.is((await readLock(file))?.pid, process.pid);
  await held.release();
});

test('a zombie holds nothing', async ({ file }) => {
  if (process.platform !== 'linux') return console.log('skipped: reads /proc');
  // The shell is replaced by sleep, which never asks for its child's end. Until then the child must live.
  const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 20'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
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
  const error = await fails('state-lock-unreadable', () => acquireLock(file, OPTIONS));
  assert.match(error.hint ?? '', 'unlock --force');
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

test('with a time to wait, the lock is taken once its holder gives it back', async ({ file }) => {
  const held = await acquireLock(file, OPTIONS);
  const told: string[] = [];
  setTimeout(() => void held.release(), 400);
  const next = await acquireLock(file, { ...OPTIONS, waitMs: 20_000, onHeld: (holder) => told.push(holder) });
  assert.is(told.length, 1, 'once for each holder');
  assert.match(told[0] ?? '', `meshplan apply (pid ${process.pid}`);
  await next.release();
});

test('after that time it is refused as ever', async ({ file }) => {
  const held = await acquireLock(file, OPTIONS);
  const begun = performance.now();
  const error = await fails('state-locked', () => acquireLock(file, { ...OPTIONS, waitMs: 300 }));
  assert.ok(performance.now() - begun >= 290);
  assert.match(error.hint ?? '', '--lock-timeout');
  await held.release();
});

test('who runs now is told to others, not to itself, and never of one that has ended', async ({ file }) => {
  assert.is(await runningHolder(file), undefined);
  const held = await acquireLock(file, OPTIONS);
  assert.is(await runningHolder(file), undefined, 'this process');
  await held.release();
  await leaveDeadLock(file);
  assert.is(await runningHolder(file), undefined, 'it has ended');
  const holder = { ...(await readLock(file)), host: 'elsewhere' };
  writeFileSync(`${file}.lock`, JSON.stringify(holder));
  assert.match((await runningHolder(file)) ?? '', 'host elsewhere');
});

test.run();
