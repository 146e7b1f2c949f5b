import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { startTimeOf } from '../../../src/lab/host.js';
import { layoutOf } from '../../../src/lab/layout.js';
import { withLock } from '../../../src/lab/lock.js';
import { endProcesses, isAlive, livingProcesses, startProcess } from '../../../src/lab/processes.js';

const lab = layoutOf(mkdtempSync(join(tmpdir(), 'meshplan-lab-unit-')));
const start = (name: string, script: string) =>
  startProcess(lab, {
    cluster: 'one',
    name,
    command: '/bin/sh',
    args: ['-c', script],
    cwd: lab.dir,
    log: join(lab.dir, `${name}.log`),
  });

test.after(() => rmSync(lab.dir, { recursive: true, force: true }));

test('a process is recorded privately, found, and ended with its record', async () => {
  const { record } = await start('sleeper', 'sleep 60');
  const file = join(lab.processes, 'one+sleeper.json');
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.ok(await isAlive(record));
  assert.ok((await livingProcesses(lab)).some((item) => item.pid === record.pid && item.name === 'sleeper'));
  await endProcesses(lab, await livingProcesses(lab), 1_000);
  assert.not.ok(await isAlive(record));
  assert.not.ok(existsSync(file));
});

test('a process whose record is gone is found by its environment', async () => {
  const { record } = await start('lost', 'sleep 60');
  rmSync(join(lab.processes, 'one+lost.json'));
  const found = await livingProcesses(lab);
  if (process.platform === 'linux') assert.ok(found.some((item) => item.pid === record.pid));
  await endProcesses(lab, [record], 0);
});

test('a process that ignores SIGTERM is killed after the grace', async () => {
  const { record } = await start('stubborn', 'trap "" TERM; while true; do sleep 1; done');
  await endProcesses(lab, [record], 200);
  assert.not.ok(await isAlive(record));
  await endProcesses(lab, await livingProcesses(lab), 0);
});

test('another process with a known pid is not ours', async () => {
  assert.not.ok(await isAlive({ pid: process.pid, startTime: '1' }));
});

test('a program that does not exist is a failure that names it', async () => {
  const request = { cluster: null, name: 'none', command: '/does/not/exist', args: [], cwd: lab.dir };
  const error = await startProcess(lab, { ...request, log: join(lab.dir, 'none.log') }).catch(
    (thrown) => thrown,
  );
  assert.instance(error, MeshplanError);
  assert.match((error as MeshplanError).message, 'none cannot be started');
});

test('a lock keeps a second command out, and is given back', async () => {
  await withLock(lab, 'up', async () => {
    const error = await withLock(lab, 'down', async () => undefined).catch((thrown) => thrown);
    assert.is((error as MeshplanError).code, 'lab-busy');
  });
  assert.not.ok(existsSync(lab.lock));
});

test('start times tell a running process from none', async () => {
  assert.ok(await startTimeOf(process.pid));
  assert.is(await startTimeOf(2 ** 30), undefined);
});

test.run();
