import jsonpatch, { type Operation } from 'fast-json-patch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { normalise } from '../../../src/diff/normalise.js';
import { patchBetween } from '../../../src/diff/patch.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { objectOf, random } from './support.js';

type Fields = Record<string, unknown>;

/** Operations in one line each: `replace /spec/replicas 3`. */
const brief = (operations: Operation[]) =>
  operations.map((item) => {
    const value = 'value' in item ? ` ${JSON.stringify(item.value)}` : '';
    return `${item.op} ${item.path}${value}`;
  });

const patch = (from: Fields, to: Fields) => brief(patchBetween(objectOf(from), objectOf(to)));

/** What the live object becomes by the patch; invalid operations throw. */
function patched(live: KubeObject, planned: KubeObject): KubeObject {
  const document = structuredClone(normalise(live));
  return jsonpatch.applyPatch(document, patchBetween(live, planned), true).newDocument;
}

const test = suite('patches');

const named = (...names: string[]) => names.map((name) => ({ name, image: `${name}:1` }));
const tables: [title: string, from: Fields, to: Fields, operations: string[]][] = [
  ['equal objects', { spec: { a: 1 } }, { spec: { a: 1 } }, []],
  ['a changed value', { spec: { a: 1 } }, { spec: { a: 2 } }, ['replace /spec/a 2']],
  ['a new field', { spec: {} }, { spec: { a: null } }, ['add /spec/a null']],
  ['a dropped field', { spec: { a: 1, b: 1 } }, { spec: { b: 1 } }, ['remove /spec/a']],
  ['another type', { spec: { a: [1] } }, { spec: { a: { b: 1 } } }, ['replace /spec/a {"b":1}']],
  ['a map that becomes null', { spec: { a: {} } }, { spec: { a: null } }, ['replace /spec/a null']],
  [
    'names with / and ~',
    { data: { 'a/b': '1', 'c~d': '1' } },
    { data: { 'a/b': '2' } },
    ['replace /data/a~1b "2"', 'remove /data/c~0d'],
  ],
  [
    'the head of a list of named things goes',
    { c: named('a', 'b', 'c') },
    { c: named('b', 'c') },
    ['remove /c/0'],
  ],
  [
    'several go, from the end to the front',
    { c: named('a', 'b', 'c') },
    { c: named('b') },
    ['remove /c/2', 'remove /c/0'],
  ],
  ['one comes', { c: named('a') }, { c: named('b', 'a') }, ['add /c/- {"name":"b","image":"b:1"}']],
  [
    'one changes, where it stands now',
    { c: named('a', 'b') },
    { c: [{ name: 'b', image: 'b:2' }, ...named('a')] },
    ['replace /c/1/image "b:2"'],
  ],
  ['the order of named things', { c: named('a', 'b', 'c') }, { c: named('c', 'a', 'b') }, []],
  [
    'ports without names, by number',
    { p: [{ containerPort: 80 }, { containerPort: 81 }] },
    { p: [{ containerPort: 81 }] },
    ['remove /p/0'],
  ],
  [
    'a list of plain values keeps its order',
    { args: ['a', 'b'] },
    { args: ['b', 'a'] },
    ['replace /args/1 "a"', 'replace /args/0 "b"'],
  ],
  ['a list that becomes empty', { c: named('a') }, { c: [] }, ['remove /c/0']],
  [
    'things without a key',
    { rules: [{ verbs: ['get'] }] },
    { rules: [{ verbs: ['get', 'list'] }] },
    ['add /rules/0/verbs/1 "list"'],
  ],
];
for (const [title, from, to, operations] of tables) {
  test(title, () => {
    assert.equal(patch(from, to), operations);
    const [live, planned] = [objectOf(from), objectOf(to)];
    assert.equal(canonical(patched(live, planned)), canonical(normalise(planned)));
  });
}

test('what the server alone writes is no change', () => {
  const live = objectOf(
    { spec: {}, status: { ready: true } },
    {
      uid: 'u',
      resourceVersion: '7',
      generation: 2,
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [{ manager: 'x' }],
      labels: { a: 'b' },
    },
  );
  const planned = objectOf(
    { spec: {} },
    { uid: 'u', resourceVersion: '8', generation: 3, labels: { a: 'b' } },
  );
  assert.equal(patchBetween(live, planned), []);
});

test('labels and annotations are compared', () => {
  const live = objectOf({}, { labels: { a: '1', gone: '1' } });
  const planned = objectOf({}, { labels: { a: '2' }, annotations: { new: '1' } });
  assert.equal(brief(patchBetween(live, planned)), [
    'replace /metadata/labels/a "2"',
    'remove /metadata/labels/gone',
    'add /metadata/annotations {"new":"1"}',
  ]);
});

/** Lists whose items share the first key that they all have. */
const repeats: [title: string, from: unknown[], to: unknown[]][] = [
  [
    'metrics of an autoscaler (type)',
    [{ type: 'Resource', resource: { name: 'memory' } }],
    [
      { type: 'Resource', resource: { name: 'cpu' } },
      { type: 'Resource', resource: { name: 'memory' } },
    ],
  ],
  [
    'subjects of a binding (name)',
    [
      { kind: 'ServiceAccount', name: 'reader', namespace: 'a' },
      { kind: 'ServiceAccount', name: 'reader', namespace: 'b' },
    ],
    [{ kind: 'ServiceAccount', name: 'reader', namespace: 'a' }],
  ],
  [
    'ports of two protocols (containerPort)',
    [{ containerPort: 53, protocol: 'TCP' }],
    [
      { containerPort: 53, protocol: 'UDP' },
      { containerPort: 53, protocol: 'TCP' },
    ],
  ],
  [
    'tolerations of two effects (key)',
    [
      { key: 'gpu', effect: 'NoExecute' },
      { key: 'gpu', effect: 'NoSchedule' },
    ],
    [{ key: 'gpu', effect: 'NoSchedule' }],
  ],
];
for (const [title, from, to] of repeats) {
  test(`a list whose key repeats loses nothing: ${title}`, () => {
    const [live, planned] = [objectOf({ list: from }), objectOf({ list: to })];
    assert.equal(sorted(patched(live, planned).list), sorted(to));
  });
}

const sorted = (list: unknown) => (list as unknown[]).map((item) => JSON.stringify(item)).sort();

/** The object with its lists of named things in the order of their names. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    const key = ['name', 'containerPort'].find((item) =>
      items.every((one) => (one as Fields)?.[item] !== undefined),
    );
    return key
      ? items.sort((a, b) => String((a as Fields)[key]).localeCompare(String((b as Fields)[key])))
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, canonical(child)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

/** Any JSON value: maps, lists of named things, plain lists, scalars. */
function anyValue(next: () => number, depth: number): unknown {
  const pick = Math.floor(next() * (depth > 0 ? 6 : 3));
  const some = <T>(make: (index: number) => T) => [0, 1, 2, 3].filter(() => next() < 0.5).map(make);
  if (pick === 0) return Math.floor(next() * 3);
  if (pick === 1) return ['x', 'y/z', '~'][Math.floor(next() * 3)];
  if (pick === 2) return next() < 0.5;
  if (pick === 3) return some(() => Math.floor(next() * 3));
  const map = Object.fromEntries(some((index) => [`k~/${index}`, anyValue(next, depth - 1)]));
  if (pick === 4) return map;
  const items = some((index) => ({ name: `n${index}`, value: anyValue(next, depth - 1) }));
  return items.sort(() => next() - 0.5);
}

test('any live object becomes the planned one by its patch', () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const next = random(seed);
    const [live, planned] = [objectOf({ spec: anyValue(next, 4) }), objectOf({ spec: anyValue(next, 4) })];
    assert.equal(canonical(patched(live, planned)), canonical(normalise(planned)), `seed ${seed}`);
    assert.equal(patchBetween(planned, structuredClone(planned)), [], `seed ${seed}`);
  }
});

test('a small change of any object is seen, and changes nothing else', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const next = random(seed);
    const live = objectOf({ spec: anyValue(next, 4), more: { name: 'n', value: anyValue(next, 3) } });
    const planned = structuredClone(live);
    (planned.more as Fields).value = 'changed';
    assert.equal(brief(patchBetween(live, planned)), ['replace /more/value "changed"'], `seed ${seed}`);
  }
});

test('routes with names keep their order, for the first that matches wins', () => {
  const rule = (...names: string[]): KubeObject => ({
    ...objectOf({ spec: { http: names.map((name) => ({ name })) } }, {}, 'VirtualService'),
    apiVersion: 'networking.istio.io/v1',
  });
  const planned = rule('canary', 'all');
  assert.equal(patched(rule('all', 'canary'), planned).spec, planned.spec);
});

test.run();
