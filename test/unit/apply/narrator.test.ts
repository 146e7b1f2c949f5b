import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { behind } from '../../../src/apply/behind.js';
import { Narrator } from '../../../src/apply/narrator.js';
import type { ApplyEvent } from '../../../src/model/events.js';
import type { PlannedAction } from '../../../src/model/plan.js';
import { action } from '../cli/support.js';

const test = suite('who waits for whom');

/** `b<a,c` is action b after a and c; `b!` has nothing to do; `b?` is blocked. */
const actions = (text: string): PlannedAction[] =>
  text.split(' ').map((word) => {
    const [head = '', after] = word.split('<');
    const change = head.endsWith('!') ? 'noop' : head.endsWith('?') ? 'blocked' : 'create';
    return action(head.replace(/[!?]$/, ''), { after: after ? after.split(',') : [], change });
  });

const chains: [graph: string, settled: string[], next: string, count: number][] = [
  ['a', [], '', 0],
  ['a b<a c<a', [], 'b,c', 2],
  ['a b<a c<b d<c', [], 'b', 3],
  ['a b!<a c<b', [], 'c', 1],
  ['a b!<a c<b d<a,b e<d', [], 'c,d', 3],
  ['a b<a c<a', ['b'], 'c', 1],
  ['a b?<a c<a', [], 'c', 1],
  ['a b<a c!<b d<c', [], 'b', 2],
];
for (const [graph, settled, next, count] of chains) {
  test(`behind a in "${graph}"${settled.length > 0 ? `, ${settled} settled` : ''}: ${next || 'nobody'}`, () => {
    const found = behind('a', actions(graph), new Set(settled));
    assert.is(
      found.next
        .map(({ id }) => id)
        .sort()
        .join(),
      next,
    );
    assert.is(found.count, count);
  });
}

function narrated(graph: string) {
  const all = actions(graph);
  const events: ApplyEvent[] = [];
  const narrator = new Narrator(all, (event) => events.push(event));
  const of = (id: string) => all.find((item) => item.id === id) as PlannedAction;
  const said = () => events.map(({ type, action: id, message }) => `${type} ${id}: ${message}`);
  return { narrator, of, said };
}

test('while one waits, those right behind it say so, and the others are counted', () => {
  const { narrator, of, said } = narrated('a b<a c<b d<a');
  narrator.waits(of('a'), 'the load balancer', 'Service x has no ingress; last event: Failed');
  assert.equal(said(), [
    'action.progress a: waits for the load balancer: Service x has no ingress; last event: Failed (3 actions wait for it)',
    'action.progress b: waits for a: Service x has no ingress; last event: Failed',
    'action.progress d: waits for a: Service x has no ingress; last event: Failed',
  ]);
});

test('after a failure each skip names the chain, the reason where it begins', () => {
  const { narrator, of, said } = narrated('a b<a c<b');
  narrator.failed(of('a'), new Error('the address did not come: no ingress'), 5);
  narrator.skipped(of('b'), 'a');
  narrator.skipped(of('c'), 'b');
  assert.equal(said().slice(1), [
    'action.skipped b: a failed',
    'action.skipped c: b is skipped, for a failed',
  ]);
  assert.equal(
    [...narrator.skippedFor],
    [
      ['b', 'a'],
      ['c', 'a'],
    ],
  );
});

test('what has nothing to do is skipped without a word, and passes the chain on', () => {
  const { narrator, of, said } = narrated('a? b!<a c<b');
  narrator.blocked(of('a'), 'blocked: conflict');
  narrator.skipped(of('b'), 'a');
  narrator.skipped(of('c'), 'b');
  assert.equal(said(), [
    'action.skipped a: blocked: conflict',
    'action.skipped c: b is skipped, for a is blocked',
  ]);
});

test.run();
