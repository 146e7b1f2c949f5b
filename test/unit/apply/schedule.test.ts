import { setImmediate as settle } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runGraph } from '../../../src/apply/schedule.js';
import type { Node } from '../../../src/graph/graph.js';
import { random } from '../diff/support.js';

/** `b<a,c` is node b after a and c. */
const nodes = (text: string): Node[] =>
  text.split(' ').map((word) => {
    const [id = '', after] = word.split('<');
    return { id, after: after ? after.split(',') : [] };
  });

/** A run whose nodes end when the test says so. */
function controlled(text: string, parallelism = 10) {
  const log: string[] = [];
  const running = new Map<string, { done: () => void; fail: (error: Error) => void }>();
  const abort = new AbortController();
  const result = runGraph(nodes(text), {
    parallelism,
    signal: abort.signal,
    run: (node) =>
      new Promise<void>((resolve, reject) => {
        log.push(`begin ${node.id}`);
        running.set(node.id, { done: resolve, fail: reject });
      }),
    onSkipped: (node, because) => log.push(`skip ${node.id} for ${because}`),
  });
  const end = async (id: string, error?: Error) => {
    const found = running.get(id);
    if (!found) throw new Error(`${id} does not run; ${log.join(', ')}`);
    running.delete(id);
    if (error) found.fail(error);
    else found.done();
    await settle();
  };
  return { log, running, abort, result, end, begun: () => [...running.keys()] };
}

const summary = async (result: ReturnType<typeof runGraph>) => {
  const { done, failed, skipped, left } = await result;
  return {
    done: [...done].join(),
    failed: [...failed.keys()].join(),
    skipped: [...skipped].join(),
    left: [...left].join(),
  };
};

const test = suite('schedule');

test('what is free runs at once; what depends waits for all it needs', async () => {
  const run = controlled('a b c<a,b d<c');
  assert.equal(run.begun(), ['a', 'b']);
  await run.end('a');
  assert.equal(run.begun(), ['b']);
  await run.end('b');
  assert.equal(run.begun(), ['c']);
  await run.end('c');
  await run.end('d');
  assert.equal(await summary(run.result), { done: 'a,b,c,d', failed: '', skipped: '', left: '' });
});

test('never more at a time than allowed, and always as many as possible', async () => {
  const run = controlled('a b c d e', 2);
  assert.equal(run.begun(), ['a', 'b']);
  await run.end('b');
  assert.equal(run.begun(), ['a', 'c']);
  await run.end('a');
  assert.equal(run.begun(), ['c', 'd']);
  for (const id of ['c', 'd', 'e']) await run.end(id);
  assert.is((await run.result).done.size, 5);
});

test('a failure skips what depends on it, also through others, and nothing else', async () => {
  const run = controlled('a b c<a d<c e<b f<b,c');
  await run.end('a', new Error('broken'));
  await run.end('b');
  await run.end('e');
  assert.equal(run.log, ['begin a', 'begin b', 'skip c for a', 'skip d for c', 'skip f for c', 'begin e']);
  assert.equal(await summary(run.result), { done: 'b,e', failed: 'a', skipped: 'c,d,f', left: '' });
  assert.is(((await run.result).failed.get('a') as Error).message, 'broken');
});

test('what is skipped is told once', async () => {
  const run = controlled('a b c<a,b');
  await run.end('a', new Error('broken'));
  await run.end('b', new Error('broken'));
  await run.result;
  assert.equal(
    run.log.filter((line) => line.startsWith('skip')),
    ['skip c for a'],
  );
});

test('after an interruption what runs comes to its end, and the rest is left', async () => {
  const run = controlled('a b<a c', 1);
  run.abort.abort();
  await run.end('a');
  assert.equal(await summary(run.result), { done: 'a', failed: '', skipped: '', left: 'b,c' });
  assert.equal(run.log, ['begin a']);
});

test('a failure after an interruption still skips its dependents', async () => {
  const run = controlled('a b<a c', 1);
  run.abort.abort();
  await run.end('a', new Error('broken'));
  assert.equal(await summary(run.result), { done: '', failed: 'a', skipped: 'b', left: 'c' });
});

test('interrupted before it begins, nothing runs', async () => {
  const abort = new AbortController();
  abort.abort();
  const run = () => Promise.reject(new Error('it ran'));
  const result = runGraph(nodes('a b<a'), { parallelism: 2, signal: abort.signal, run, onSkipped: () => {} });
  assert.equal(await summary(result), { done: '', failed: '', skipped: '', left: 'a,b' });
});

test('an empty plan is done at once', async () => {
  const result = runGraph([], {
    parallelism: 1,
    signal: new AbortController().signal,
    run: async () => {},
    onSkipped: () => {},
  });
  assert.equal(await summary(result), { done: '', failed: '', skipped: '', left: '' });
});

test('in any graph with any failures: order and bound hold, and each node ends in one way', async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const next = random(seed);
    const graph = Array.from({ length: 15 }, (_, index) => ({
      id: `n${index}`,
      after: Array.from({ length: index }, (_, before) => `n${before}`).filter(() => next() < 0.2),
    }));
    const parallelism = 1 + Math.floor(next() * 4);
    const done = new Set<string>();
    let running = 0;
    const result = await runGraph(graph, {
      parallelism,
      signal: new AbortController().signal,
      run: async (node) => {
        running += 1;
        assert.ok(running <= parallelism, `seed ${seed}: ${running} at a time`);
        assert.ok(
          node.after.every((id) => done.has(id)),
          `seed ${seed}: ${node.id} began too early`,
        );
        await settle();
        running -= 1;
        if (next() < 0.15) throw new Error('broken');
        done.add(node.id);
      },
      onSkipped: () => {},
    });
    const { failed, skipped, left } = result;
    assert.equal([...result.done].sort(), [...done].sort(), `seed ${seed}`);
    assert.is(done.size + failed.size + skipped.size, graph.length, `seed ${seed}`);
    assert.is(left.size, 0);
    for (const node of graph) {
      const hindered = node.after.some((id) => failed.has(id) || skipped.has(id));
      assert.is(skipped.has(node.id), hindered, `seed ${seed}: ${node.id}`);
    }
  }
});

test.run();
