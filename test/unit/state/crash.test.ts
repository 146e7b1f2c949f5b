import { readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openState } from '../../../src/state/index.js';
import { type Context, newContext, startFixture } from './support.js';

const test = suite<Context>('state after kill -9');

test.before.each((context) => {
  Object.assign(context, newContext());
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('twenty kills at random moments: always readable, no promised object lost', async ({ file, folder }) => {
  const promised = new Set<string>();
  let serial = 0;
  for (let round = 0; round < 20; round += 1) {
    const before = promised.size;
    await writeUntilKilled(file, round, promised);
    assert.ok(promised.size > before, `round ${round} wrote nothing`);
    const { state } = await openState(file, 'mesh1');
    const kept = new Set(Object.values(state.objects).map((object) => object.uid));
    const lost = [...promised].filter((uid) => !kept.has(uid));
    assert.equal(lost, [], `round ${round}`);
    assert.ok(state.serial >= serial);
    serial = state.serial;
  }
  assert.ok(serial > 0);
  const state = await openState(file, 'mesh1');
  await state.save(state.state);
  await state.journal.close();
  const left = readdirSync(folder).filter((name) => !name.includes('.lock'));
  assert.equal(left, ['meshplan.state.json']);
});

/** Lets a writer run for a random time after its first promise, and kills it. */
async function writeUntilKilled(file: string, round: number, promised: Set<string>): Promise<void> {
  const child = startFixture('writer', file, String(round));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let text = '';
  const started = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      resolve();
    });
  });
  await Promise.race([started, closed]);
  await sleep(Math.random() * 80);
  child.kill('SIGKILL');
  await closed;
  // A line that the kill cut in the middle is no promise.
  for (const uid of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) if (uid) promised.add(uid);
}

test.run();
