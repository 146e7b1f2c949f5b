import { setImmediate as settle } from 'node:timers/promises';
import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runGraph } from '../../../src/apply/schedule.js';
import { normalise } from '../../../src/diff/normalise.js';
import { patchBetween } from '../../../src/diff/patch.js';
import { dependentsOf, type Node, reversed, topologicalOrder } from '../../../src/graph/graph.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { canonicalJson, digestOf } from '../../../src/saved/canonical.js';
import { emptyState } from '../../../src/state/edit.js';
import { formatState, parseState } from '../../../src/state/format.js';
import {
  decodeJournal,
  encodeEntry,
  foldEntry,
  type JournalEntry,
} from '../../../src/state/journal-entries.js';
import { holds } from '../../support/property.js';

const test = suite('properties of generated graphs, objects and journals');

/** Graphs without a circle: a node comes after some of those before it. */
const graphs: fc.Arbitrary<Node[]> = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 14 })
  .map((all) =>
    all.map((picks, index) => ({
      id: `n${index}`,
      after: index === 0 ? [] : [...new Set(picks.map((pick) => `n${pick % index}`))],
    })),
  );

test('any shuffle of a graph is put into an order, and turned round twice it is the same', () =>
  holds(
    graphs.chain((graph) => fc.shuffledSubarray(graph, { minLength: graph.length })),
    (graph) => {
      const order = topologicalOrder(graph);
      const places = new Map(order.map(({ id }, index) => [id, index]));
      assert.is(places.size, graph.length);
      for (const { id, after } of order) {
        for (const before of after) assert.ok((places.get(before) ?? 0) < (places.get(id) ?? 0));
      }
      const sets = (nodes: readonly Node[]) => nodes.map(({ id, after }) => [id, [...after].sort()]);
      assert.equal(sets(reversed(reversed(order))), sets(order));
    },
  ));

test('whatever fails and whenever it is interrupted, nothing begins too early and only dependents are skipped', () =>
  holds(
    fc.record({
      graph: graphs,
      failing: fc.array(fc.nat({ max: 13 }), { maxLength: 3 }),
      abortAfter: fc.option(fc.nat({ max: 13 })),
      parallelism: fc.integer({ min: 1, max: 4 }),
    }),
    async ({ graph, failing, abortAfter, parallelism }) => {
      const abort = new AbortController();
      const done = new Set<string>();
      const begun = new Set<string>();
      let running = 0;
      const result = await runGraph(graph, {
        parallelism,
        signal: abort.signal,
        run: async (node) => {
          assert.not.ok(begun.has(node.id) || abort.signal.aborted, `${node.id} began`);
          begun.add(node.id);
          running += 1;
          assert.ok(running <= parallelism);
          assert.ok(
            node.after.every((id) => done.has(id)),
            `${node.id} began too early`,
          );
          if (begun.size - 1 === abortAfter) abort.abort();
          await settle();
          running -= 1;
          if (failing.includes(Number(node.id.slice(1)))) throw new Error('broken');
          done.add(node.id);
        },
        onSkipped: () => {},
      });
      const failed = [...result.failed.keys()];
      const hindered = dependentsOf(graph, failed);
      assert.equal([...result.skipped].sort(), [...hindered].sort());
      assert.equal(result.done, done);
      assert.is(done.size + failed.length + result.skipped.size + result.left.size, graph.length);
      if (!abort.signal.aborted) assert.is(result.left.size, 0);
    },
  ));

const words = fc.constantFrom('a', 'b', 'c', 'x/y', 'm~n', 'name', '0');
/** What may stand in an object: maps, lists of named things, plain lists, and null, which JSON permits too. */
const values = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.boolean(), words, fc.constant(null)),
  named: fc.uniqueArray(
    fc.record({ name: words, value: tie('leaf'), more: tie('node') }, { requiredKeys: ['name'] }),
    { selector: ({ name }) => name, maxLength: 4 },
  ),
  node: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('leaf'), { maxLength: 3 }),
    tie('named'),
    fc.dictionary(words, tie('node'), { maxKeys: 3 }),
  ),
})).node;

const objectsOf = (apiVersion: string): fc.Arbitrary<KubeObject> =>
  fc.record({
    apiVersion: fc.constant(apiVersion),
    kind: fc.constant('Thing'),
    metadata: fc.record({
      name: fc.constant('thing'),
      uid: words,
      resourceVersion: words,
      labels: fc.dictionary(words, words, { maxKeys: 3 }),
    }),
    spec: fc.dictionary(words, values, { maxKeys: 4 }),
    status: values,
  });

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

for (const apiVersion of ['apps/v1', 'networking.istio.io/v1']) {
  test(`a patch of ${apiVersion}, carried out as RFC 6902 says, leads from the live object to the planned one`, () =>
    holds(fc.tuple(objectsOf(apiVersion), objectsOf(apiVersion)), ([live, planned]) => {
      assert.equal(patchBetween(live, live), []);
      const patch = patchBetween(live, planned);
      const reached = jsonpatch.applyPatch(copy(normalise(live)), copy(patch), true).newDocument;
      // Lists of named things may end in another order, which means nothing.
      assert.equal(patchBetween(reached, planned), []);
      if (apiVersion !== 'apps/v1') assert.equal(reached, copy(normalise(planned)));
    }));
}

test('canonical JSON and its digest know no order of keys', () =>
  holds(values, (value) => {
    const turned = (item: unknown): unknown => {
      if (Array.isArray(item)) return item.map(turned);
      if (typeof item !== 'object' || item === null) return item;
      return Object.fromEntries(
        Object.entries(item)
          .reverse()
          .map(([key, child]) => [key, turned(child)]),
      );
    };
    assert.is(canonicalJson(turned(value)), canonicalJson(value));
    assert.is(digestOf(turned(value)), digestOf(value));
    assert.equal(JSON.parse(canonicalJson(value)), copy(value));
  }));

const time = fc.constant('2026-01-01T00:00:00.000Z');
const action = fc.constantFrom('c1/crds', 'c1/workload/a', 'c2/trust');
const address = fc.constantFrom(
  'c1/v1/Secret/x/a',
  'c1/v1/Service/x/b',
  'c2/v1/Namespace/ä',
  'c2/v1/ConfigMap/x/d',
);
const cluster = fc.constantFrom('c1', 'c2');
const uid = fc.constantFrom('u1', 'u2');
const phase = fc.constantFrom('applying' as const, 'applied' as const, 'deleting' as const);
const entries: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({
    type: fc.constant('begin' as const),
    time,
    action,
    phase: fc.constantFrom('applying' as const, 'deleting' as const),
    objects: fc.uniqueArray(address),
  }),
  fc.record({
    type: fc.constant('end' as const),
    time,
    action,
    outcome: fc.constantFrom('done' as const, 'failed' as const),
  }),
  fc.record({ type: fc.constant('object' as const), time, action, address, uid, phase }),
  fc.record({ type: fc.constant('object-gone' as const), time, action, address }),
  fc.record({ type: fc.constant('cluster' as const), time, cluster, uid }),
  fc.record({ type: fc.constant('cluster-gone' as const), time, cluster }),
  fc.record({
    type: fc.constant('certificate' as const),
    time,
    name: cluster,
    fingerprint: uid,
    notAfter: time,
  }),
  fc.record({ type: fc.constant('certificate-gone' as const), time, name: cluster }),
);
const start = emptyState('mesh1', 'lineage');

test('an entry of a journal that is folded twice changes nothing more', () =>
  holds(fc.tuple(fc.array(entries, { maxLength: 12 }), entries), ([before, entry]) => {
    const once = foldEntry(before.reduce(foldEntry, start), entry);
    assert.equal(foldEntry(once, entry), once);
  }));

test('a state is read as it was written', () =>
  holds(fc.array(entries, { maxLength: 20 }), (all) => {
    const state = all.reduce(foldEntry, start);
    assert.equal(parseState(formatState(state), 'state.json', 'mesh1'), state);
  }));

test('a journal that is torn anywhere gives the state of its whole lines', () =>
  holds(
    fc.tuple(fc.array(entries, { maxLength: 12 }), fc.double({ min: 0, max: 1, noNaN: true })),
    ([all, share]) => {
      const header = encodeEntry({ type: 'header', formatVersion: '1', lineage: 'lineage', mesh: 'mesh1' });
      const bytes = Buffer.from(header + all.map(encodeEntry).join(''));
      const torn = bytes.subarray(0, Math.floor(share * bytes.length));
      const read = decodeJournal(torn, 'state.json.journal');
      const whole = Math.max(0, torn.toString('latin1').split('\n').length - 2);
      assert.equal(read.entries, copy(all.slice(0, whole)));
      const state = read.entries.reduce(foldEntry, start);
      assert.equal(parseState(formatState(state), 'state.json', 'mesh1'), state);
      assert.ok(read.validBytes <= torn.length);
    },
  ));

test.run();
