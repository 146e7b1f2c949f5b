import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Node } from '../../../src/graph/graph.js';
import { reach } from '../../../src/graph/reach.js';
import { reduced } from '../../../src/graph/reduce.js';

/** `c<a,b` comes after a and b. */
const nodesOf = (...texts: string[]): Node[] =>
  texts.map((text) => {
    const [id = '', after] = text.split('<');
    return { id, after: after ? after.split(',') : [] };
  });
const edgesOf = (nodes: Node[]) =>
  nodes.flatMap(({ id, after }) => after.map((earlier) => `${earlier}>${id}`));

const test = suite('edges that say all');

const cases: [what: string, nodes: string[], edges: string[]][] = [
  ['a chain keeps all', ['a', 'b<a', 'c<b'], ['a>b', 'b>c']],
  ['the short cut goes', ['a', 'b<a', 'c<a,b'], ['a>b', 'b>c']],
  ['the long one too', ['a', 'b<a', 'c<b', 'd<a,c'], ['a>b', 'b>c', 'c>d']],
  ['a diamond keeps both sides', ['a', 'b<a', 'c<a', 'd<b,c'], ['a>b', 'a>c', 'b>d', 'c>d']],
  ['an edge that is there twice', ['a', 'b<a,a'], ['a>b']],
];
for (const [what, nodes, edges] of cases)
  test(what, () => assert.equal(edgesOf(reduced(nodesOf(...nodes))), edges));

/** Random graphs without circles: each node after some of those before it. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 5 }), { minLength: 1, maxLength: 20 }).map((picks) =>
  picks.map((earlier, index) => ({
    id: `n${index}`,
    after: index === 0 ? [] : earlier.map((pick) => `n${pick % index}`),
  })),
);
const earlierThan = (nodes: Node[], id: string) => {
  const afterOf = new Map(nodes.map((node) => [node.id, node.after]));
  return [...reach([id], (current) => afterOf.get(current) ?? []).keys()].sort();
};

test('the order stays the same, and no edge could be spared', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const few = reduced(nodes);
      for (const { id } of nodes) assert.equal(earlierThan(few, id), earlierThan(nodes, id));
      for (const { id, after } of few) {
        for (const spared of after) {
          const without = few.map((node) =>
            node.id === id ? { ...node, after: after.filter((other) => other !== spared) } : node,
          );
          assert.not.equal(earlierThan(without, id), earlierThan(few, id));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a start is reached only where another node leads to it', () => {
  const next = (id: string) => ({ a: ['b'], b: ['c'], c: [] as string[] })[id] ?? [];
  assert.equal(
    [...reach(['a'], next)],
    [
      ['b', 'a'],
      ['c', 'b'],
    ],
  );
  assert.equal(
    [...reach(['a', 'b'], next)],
    [
      ['b', 'a'],
      ['c', 'b'],
    ],
  );
});

test.run();
