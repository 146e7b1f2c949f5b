import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onInterrupt } from '../../../src/cli/interrupt.js';

const test = suite('Ctrl-C');

test('one that arrives twice at a time counts once; a later one ends the process', async () => {
  const { exit } = process;
  const write = process.stderr.write.bind(process.stderr);
  const exits: unknown[] = [];
  process.exit = ((code: number) => exits.push(code)) as unknown as typeof process.exit;
  process.stderr.write = () => true;
  const interrupt = onInterrupt('Stopping.');
  try {
    process.emit('SIGINT');
    process.emit('SIGINT');
    assert.ok(interrupt.signal.aborted);
    assert.equal(exits, []);
    await sleep(300);
    process.emit('SIGINT');
    assert.equal(exits, [130]);
  } finally {
    interrupt.done();
    process.exit = exit;
    process.stderr.write = write;
  }
});

test.run();
