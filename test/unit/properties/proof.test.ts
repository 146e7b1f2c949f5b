import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareProven } from '../../../src/proof/compare.js';
import { holds } from '../../support/property.js';
import { placeOf, provenOf } from '../proof/support.js';

const test = suite('properties of what environments have in common');

/** Stand in generated objects where an environment has a name of its own. */
const PLACES = ['<hub>', '<edge>', '<region>', 'http://<hub>.example', '<edge>|<hub>'];
const leaves = fc.oneof(
  fc.constantFrom('web', 'v1', '8080', 'http', ...PLACES),
  fc.integer({ min: 0, max: 99 }),
  fc.boolean(),
);
const keys = fc.constantFrom('name', 'spec', 'ports', 'env', 'value', '<edge>/*');
const { tree: trees } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaves,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    fc.dictionary(keys, tie('tree'), { minKeys: 1, maxKeys: 3 }),
  ),
}));

/** An environment in which each place has a name that begins so; with one object. */
function environment(tree: unknown, prefix: string) {
  const [hub, edge, region] = ['hub', 'edge', 'region'].map((name) => `${prefix}-${name}`) as [
    string,
    string,
    string,
  ];
  const text = JSON.stringify(tree)
    .replaceAll('<hub>', hub)
    .replaceAll('<edge>', edge)
    .replaceAll('<region>', region);
  const clusters = [placeOf(hub, hub, { locality: { region } }), placeOf(edge, hub)];
  return { hub, clusters, value: JSON.parse(text) as unknown };
}

const provenBy = ({ hub, clusters, value }: ReturnType<typeof environment>) =>
  provenOf(clusters, { [hub]: { object: value } });

/** Paths to all leaves that name no place. */
function plainLeaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, child]) => plainLeaves(child, [...path, key]));
  return PLACES.includes(String(value)) ? [] : [path];
}

function withLeaf(value: unknown, [key, ...rest]: string[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = withLeaf(copy[key], rest, leaf);
  return copy;
}

test('names of places make no difference', () =>
  holds(trees, (tree) => {
    assert.equal(compareProven(provenBy(environment(tree, 'st')), provenBy(environment(tree, 'pr'))), []);
  }));

test('any other change of one value is a difference', () =>
  holds(fc.tuple(trees, fc.nat(), fc.boolean()), ([tree, pick, isRenamed]) => {
    const all = plainLeaves(tree);
    const path = all[pick % Math.max(all.length, 1)];
    if (path === undefined) return;
    const changed = withLeaf(tree, path, 'changed');
    const found = compareProven(
      provenBy(environment(tree, 'st')),
      provenBy(environment(changed, isRenamed ? 'pr' : 'st')),
    );
    assert.ok(found.length > 0, JSON.stringify(changed));
    assert.ok(found.every((item) => item.type === 'field'));
  }));

test.run();
