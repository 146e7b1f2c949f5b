import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Facts } from '../../../src/model/facts.js';
import {
  action,
  ancestors,
  clusterOf,
  compiled,
  deployment,
  fullFacts,
  injected,
  meshOf,
  workload,
} from './support.js';

const test = suite('compile: clusters that change their istiod');

/** `two` has become the primary of all; `one` was it. */
const clusters = [
  clusterOf('one', 'two'),
  clusterOf('two', 'two'),
  clusterOf('three', 'two'),
  clusterOf('four', 'two'),
];
const mesh = meshOf(clusters, {
  namespaces: [injected('shop', ['one', 'two', 'three', 'four'])],
  workloads: [workload('web.yaml', [deployment('web', 'shop')], ['three'])],
});
const moves = { one: 'one', two: 'one', three: 'one', four: 'one' };
const moving = (more: Partial<Facts> = {}) => compiled(mesh, { ...fullFacts(mesh), moves, ...more });
const isAfter = (actions: ReturnType<typeof moving>, later: string, sooner: string) =>
  ancestors(actions, later).has(sooner);

test('a remote that moves is known to its new primary before anything in it turns', () => {
  const actions = moving();
  assert.ok(isAfter(actions, 'three/data-plane', 'two/federate/three'));
  assert.ok(isAfter(actions, 'two/federate/three', 'three/reader-token'));
  assert.ok(isAfter(actions, 'two/federate/three', 'three/namespace/istio-system'));
  assert.ok(isAfter(actions, 'two/federate/three', 'two/control-plane'));
  assert.ok(isAfter(actions, 'three/workload/web', 'three/data-plane'));
});

test('one moves after the other, the former primary last', () => {
  const actions = moving();
  assert.ok(isAfter(actions, 'two/federate/four', 'three/data-plane'));
  assert.ok(isAfter(actions, 'two/federate/one', 'four/data-plane'));
  assert.not.ok(isAfter(actions, 'three/data-plane', 'four/data-plane'));
});

test('one that cannot be read holds up no other', () => {
  const facts = fullFacts(mesh);
  facts.clusters.three = { reachable: false, server: '', error: 'gone' };
  const actions = moving({ clusters: facts.clusters });
  assert.not.ok(isAfter(actions, 'two/federate/four', 'three/data-plane'));
  assert.ok(isAfter(actions, 'two/federate/one', 'four/data-plane'));
});

test('where nothing moves, the charts of a remote come before its token', () => {
  const actions = compiled(mesh, fullFacts(mesh));
  assert.ok(isAfter(actions, 'two/federate/three', 'three/data-plane'));
  assert.not.ok(isAfter(actions, 'two/federate/four', 'three/data-plane'));
});

test('the notes tell what is felt, by whether the old primary is there', () => {
  const notesOf = (facts: Partial<Facts>, id: string) => action(moving(facts), id).notes?.join();
  assert.match(
    notesOf({}, 'two/control-plane') ?? '',
    /istiod of one serves two until this one is available/,
  );
  assert.match(notesOf({}, 'three/data-plane') ?? '', /stay connected to istiod of one until it ends/);
  const { one: _, ...others } = fullFacts(mesh).clusters;
  assert.match(notesOf({ clusters: others }, 'two/control-plane') ?? '', /new pods .* of two are refused/);
  assert.match(notesOf({ clusters: others }, 'three/data-plane') ?? '', /go on with what they have/);
  assert.is(action(compiled(mesh, fullFacts(mesh)), 'two/control-plane').notes, undefined);
});

test('a fence asks for tokens that are younger; the youngest of several counts', () => {
  const fences = ['2026-11-25T13:40:12Z', '2026-11-25T12:00:00+00:00'];
  const fenced = fences.map((since, index) => {
    const lost = clusterOf(`lost-${index}`, 'two');
    return { ...lost, since, fencedAt: lost.source };
  });
  const [token] = action(compiled({ ...mesh, fenced }), 'three/reader-token').objects;
  assert.is(token?.madeSince, fences[0]);
  const [plain] = action(compiled(mesh), 'three/reader-token').objects;
  assert.is(plain?.madeSince, undefined);
});

test.run();
