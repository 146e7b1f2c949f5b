import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { dependentsOf, type Node, reversed, topologicalOrder } from '../../../src/graph/graph.js';
import { random } from '../diff/support.js';

/** `b<a,c` is node b after a and c. */
function nodes(text: string): Node[] {
  return text.split(' ').map((word) => {
    const [id = '', after] = word.split('<');
    return { id, after: after ? after.split(',') : [] };
  });
}

const ids = (ordered: readonly Node[]) => ordered.map((node) => node.id).join(' ');

function errorOf(work: () => unknown): MeshplanError {
  try {
    work();
  } catch (error) {
    if (error instanceof MeshplanError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const test = suite('graph');

const orders: [given: string, ordered: string][] = [
  ['a', 'a'],
  ['a b c', 'a b c'],
  ['c b a', 'c b a'],
  ['c<b b<a a', 'a b c'],
  ['d<b,c b<a c<a a', 'a b c d'],
  ['x d<c y c', 'x c d y'],
  ['d<c,b a b c', 'c b d a'],
];
for (const [given, ordered] of orders) {
  test(`order of "${given}"`, () => assert.is(ids(topologicalOrder(nodes(given))), ordered));
}

test('order keeps the nodes themselves, with all they carry', () => {
  const node = { id: 'a', after: [], purpose: 'carried' };
  assert.is(topologicalOrder([node])[0], node);
});

const cycles: [given: string, named: string][] = [
  ['a<a', 'a → a'],
  ['a<b b<a', 'a → b → a'],
  ['start<a a<b b<c c<a', 'a → b → c → a'],
];
for (const [given, named] of cycles) {
  test(`"${given}" is refused with its circle alone`, () => {
    const error = errorOf(() => topologicalOrder(nodes(given)));
    assert.is(error.code, 'graph-cycle');
    assert.ok(error.message.endsWith(`: ${named}`), error.message);
  });
}

test('an edge to nowhere names both ends', () => {
  const error = errorOf(() => topologicalOrder(nodes('a<gone')));
  assert.is(error.code, 'graph-unknown-node');
  assert.match(error.message, /^a depends on gone/);
});

test('two nodes of one name are refused', () => {
  assert.is(errorOf(() => topologicalOrder(nodes('a b a'))).code, 'graph-duplicate-node');
});

test('reversed turns every edge round and leaves the input as it was', () => {
  const given = nodes('a b<a c<a d<b,c');
  assert.equal(
    reversed(given).map(({ id, after }) => `${id}<${after.join()}`),
    ['d<', 'c<d', 'b<d', 'a<b,c'],
  );
  assert.is(ids(given), 'a b c d');
});

test('dependents are found through others, without the node itself', () => {
  const given = nodes('a b<a c<b x d<c,x');
  assert.equal([...dependentsOf(given, ['a'])].sort(), ['b', 'c', 'd']);
  assert.equal([...dependentsOf(given, ['x'])], ['d']);
  assert.equal([...dependentsOf(given, ['d'])], []);
});

test('in any graph, also when reversed, each node stands after all it depends on', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const next = random(seed);
    const given = Array.from({ length: 12 }, (_, index) => ({
      id: `n${index}`,
      after: Array.from({ length: index }, (_, before) => `n${before}`).filter(() => next() < 0.3),
    })).sort(() => next() - 0.5);
    for (const graph of [given, reversed(given)]) {
      const ordered = topologicalOrder(graph);
      const place = new Map(ordered.map((node, index) => [node.id, index]));
      assert.is(place.size, 12, `seed ${seed}`);
      for (const node of ordered) {
        for (const id of node.after)
          assert.ok(
            (place.get(id) ?? 99) < (place.get(node.id) ?? -1),
            `seed ${seed}: ${node.id} after ${id}`,
          );
      }
    }
  }
});

test.run();
