import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withLock } from '../../../src/lab/binaries/lock.js';
import { identifySelf } from '../../../src/lab/binaries/process-identity.js';
import { tempDir } from './support.js';

const quiet = { onWait: () => {}, signal: undefined };

function lockedBy(holder: object | string): string {
  const dir = tempDir();
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, '.lock'), typeof holder === 'string' ? holder : JSON.stringify(holder));
  return dir;
}

test('the work of several holders never overlaps, and the lock is gone after it', async () => {
  const dir = tempDir();
  let running = 0;
  const work = async () => {
    running += 1;
    assert.is(running, 1);
    await sleep(20);
    running -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(dir, quiet, work)));
  assert.equal(readdirSync(dir), []);
});

test('whoever waits is told for whom', async () => {
  const dir = tempDir();
  const pids: number[] = [];
  const first = withLock(dir, quiet, () => sleep(300));
  await sleep(50);
  await withLock(dir, { ...quiet, onWait: (holder) => pids.push(holder.pid) }, async () => {});
  await first;
  assert.is(pids[0], process.pid);
});

test('work that fails frees the lock and keeps its error', async () => {
  const dir = tempDir();
  const failing = withLock(dir, quiet, () => Promise.reject(new Error('no space')));
  assert.is(await failing.catch((error: Error) => error.message), 'no space');
  assert.not(existsSync(join(dir, '.lock')));
});

test('the lock of a process that is dead is taken over', async () => {
  const { pid } = spawnSync('true');
  const dir = lockedBy({ ...(await identifySelf()), pid });
  assert.is(await withLock(dir, quiet, async () => 'done'), 'done');
});

test('the lock of a dead process whose pid lives again is taken over', async () => {
  const dir = lockedBy({ ...(await identifySelf()), startTime: '1' });
  assert.is(await withLock(dir, quiet, async () => 'done'), 'done');
});

test('a lock that cannot be read is taken over', async () => {
  assert.is(await withLock(lockedBy('{"pid":'), quiet, async () => 'done'), 'done');
});

test('an abort ends the wait and leaves the lock to its holder', async () => {
  const dir = lockedBy(await identifySelf());
  const waiting = withLock(dir, { ...quiet, signal: AbortSignal.timeout(100) }, async () => 'done');
  assert.match(await waiting.catch((error: Error) => error.name), /AbortError|TimeoutError/);
  assert.equal(readdirSync(dir), ['.lock']);
});

test.run();
