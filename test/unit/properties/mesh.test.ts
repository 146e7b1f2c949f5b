import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadMesh } from '../../../src/config/index.js';
import { dependentsOf, type Node, topologicalOrder } from '../../../src/graph/graph.js';
import type { DesiredAction } from '../../../src/model/action.js';
import type { Facts } from '../../../src/model/facts.js';
import { addressOf, type KubeObject, refOf } from '../../../src/model/kube.js';
import { MESH_LABEL } from '../../../src/model/names.js';
import type { Plan } from '../../../src/model/plan.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import type { Observation, OwnedObject } from '../../../src/observe/observe.js';
import { buildDestroyPlan } from '../../../src/plan/destroy.js';
import { buildPlan } from '../../../src/plan/plan.js';
import { planToJson } from '../../../src/plan/plan-json.js';
import { basisOf } from '../../../src/saved/basis.js';
import { bindPlan } from '../../../src/saved/bind.js';
import { digestOf } from '../../../src/saved/canonical.js';
import { formatSavedPlan, parseSavedPlan } from '../../../src/saved/format.js';
import { temporaryFolder } from '../../support/folders.js';
import { edited, edits, meshes } from '../../support/mesh-arbitrary.js';
import { type MeshSpec, primariesOf, writeMesh } from '../../support/mesh-spec.js';
import { holds } from '../../support/property.js';
import { compiled, fullFacts } from '../compile/support.js';

const folder = temporaryFolder();

/** The mesh as the real configuration resolves it. */
const resolved = async (spec: MeshSpec): Promise<ResolvedMesh> =>
  (await loadMesh(await writeMesh(folder, spec))).mesh;

/** Everything of the desired actions by address. */
const objectsIn = (actions: DesiredAction[]): Map<string, { cluster: string; object: KubeObject }> =>
  new Map(
    actions.flatMap(({ objects }) =>
      objects.map((item) => [addressOf(refOf(item.cluster, item.object)), item] as const),
    ),
  );

const live = (object: KubeObject, address: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid: `uid of ${address}`, resourceVersion: '7' },
});

/** What a cluster shows that holds the objects of `before`, when the objects of `after` are wanted. */
function reading(before: DesiredAction[], after: DesiredAction[]) {
  const [held, wanted] = [objectsIn(before), objectsIn(after)];
  const ours = new Map(
    [...held].map(([address, { cluster, object }]): [string, OwnedObject] => {
      const { apiVersion, kind } = object;
      const resource = { apiVersion, kind, plural: kind.toLowerCase(), namespaced: true, verbs: [] };
      return [address, { cluster, object: live(object, address), resource }];
    }),
  );
  const objects = new Map(
    [...wanted].map(([address, { object }]): [string, Observation] => {
      const found = ours.get(address)?.object;
      if (!found) return [address, { type: 'absent' }];
      return [address, { type: 'present', live: found, predicted: live(object, address), ours: true }];
    }),
  );
  return { objects, ours, left: new Map(), unread: [], lost: new Map() };
}

function planFor(mesh: ResolvedMesh, before: DesiredAction[], actions: DesiredAction[], facts: Facts) {
  const observations = reading(before, actions);
  const known = new Map([...observations.ours].map(([address]) => [address, `uid of ${address}`]));
  const plan = buildPlan({ mesh, actions, facts, observations, foreign: new Map(), known, diagnostics: [] });
  return { plan, observations };
}

/** Each node stands after all that it comes after, and each of these is there. */
function assertOrdered(nodes: readonly Node[]): void {
  const places = new Map(nodes.map(({ id }, index) => [id, index]));
  assert.is(places.size, nodes.length, 'ids are unique');
  nodes.forEach(({ id, after }, index) => {
    for (const before of after)
      assert.ok((places.get(before) ?? nodes.length) < index, `${id} comes after ${before}`);
  });
}

const changed = (plan: Plan, change: string): string[] =>
  plan.actions
    .flatMap(({ objects }) =>
      objects.filter((object) => object.change === change).map(({ address }) => address),
    )
    .sort();

const test = suite('properties of generated meshes');

test('every mesh compiles to a graph in an order that can be applied', () =>
  holds(meshes, async (spec) => {
    const mesh = await resolved(spec);
    for (const facts of [undefined, fullFacts(mesh)]) {
      const actions = compiled(mesh, facts);
      assertOrdered(actions);
      assert.equal(
        topologicalOrder(actions).map(({ id }) => id),
        actions.map(({ id }) => id),
      );
      const addresses = actions.flatMap(({ objects }) =>
        objects.map((item) => addressOf(refOf(item.cluster, item.object))),
      );
      assert.is(new Set(addresses).size, addresses.length, 'each object belongs to one action');
      for (const { objects } of actions) {
        for (const { object } of objects) assert.is(object.metadata.labels?.[MESH_LABEL], mesh.name);
      }
      for (const { name, primary } of spec.clusters) {
        if (primary === undefined) continue;
        assert.ok(
          dependentsOf(actions, [`${primary}/control-plane`]).has(`${primary}/federate/${name}`),
          name,
        );
      }
    }
  }));

test('what is as it is wanted needs no plan; what is not there is created, in order', () =>
  holds(meshes, async (spec) => {
    const mesh = await resolved(spec);
    const facts = fullFacts(mesh);
    const actions = compiled(mesh, facts);
    const still = planFor(mesh, actions, actions, facts).plan;
    assert.equal(
      still.actions.filter(({ change }) => change !== 'noop').map(({ id }) => id),
      [],
    );
    assert.ok(still.complete);
    const first = planFor(mesh, [], actions, facts).plan;
    assertOrdered(first.actions);
    assert.equal(changed(first, 'create'), [...objectsIn(actions).keys()].sort());
    assert.is(first.summary.create, objectsIn(actions).size);
  }));

test('an edit changes what it touches, deletes what left, and nothing else', () =>
  holds(fc.tuple(meshes, edits), async ([spec, changes]) => {
    const one = await resolved(spec);
    const other = await resolved(edited(spec, changes));
    const [before, after] = [compiled(one, fullFacts(one)), compiled(other, fullFacts(other))];
    const [held, wanted] = [objectsIn(before), objectsIn(after)];
    const { plan } = planFor(other, before, after, fullFacts(other));
    assertOrdered(plan.actions);
    assert.equal(changed(plan, 'create'), [...wanted.keys()].filter((address) => !held.has(address)).sort());
    assert.equal(changed(plan, 'delete'), [...held.keys()].filter((address) => !wanted.has(address)).sort());
    const differing = [...wanted.keys()].filter((address) => {
      const found = held.get(address);
      return found && digestOf(found.object) !== digestOf(wanted.get(address)?.object);
    });
    for (const address of changed(plan, 'update')) assert.ok(differing.includes(address), address);
    for (const id of plan.actions.map((action) => action.id)) assert.ok(id.includes('/'), id);
    // Back again is the same way back.
    const back = planFor(one, after, before, fullFacts(one)).plan;
    assert.equal(changed(back, 'create'), changed(plan, 'delete'));
    assert.equal(changed(back, 'delete'), changed(plan, 'create'));
    assert.equal(changed(back, 'update'), changed(plan, 'update'));
  }));

test('a removal deletes everything, in the reverse of the order in which it is made', () =>
  holds(meshes, async (spec) => {
    const mesh = await resolved(spec);
    const facts = fullFacts(mesh);
    const actions = compiled(mesh, facts);
    const { ours } = reading(actions, actions);
    const rest = { foreign: new Map(), leftovers: new Map(), shared: [], unread: [], lost: new Map() };
    const removal = { ours, ...rest };
    const plan = buildDestroyPlan({ mesh, actions, facts, removal, known: new Map(), diagnostics: [] });
    assertOrdered(plan.actions);
    assert.equal(changed(plan, 'delete'), [...ours.keys()].sort());
    const places = new Map(plan.actions.map(({ id }, index) => [id, index]));
    for (const { id, after } of actions) {
      for (const before of after) {
        assert.ok((places.get(id) ?? 0) < (places.get(before) ?? 0), `${id} goes before ${before}`);
      }
    }
    assert.equal(
      primariesOf(spec).filter((name) => !places.has(`${name}/istiod-leftovers`)),
      [],
    );
  }));

test('a saved plan is read as it was written, and is fresh while nothing moves', () =>
  holds(fc.tuple(meshes, edits), async ([spec, changes]) => {
    const one = await resolved(spec);
    const other = await resolved(edited(spec, changes));
    const [before, actions] = [compiled(one, fullFacts(one)), compiled(other, fullFacts(other))];
    const { plan, observations } = planFor(other, before, actions, fullFacts(other));
    const { text, digest } = formatSavedPlan({
      plan: planToJson(plan),
      request: {},
      inputs: { file: 'mesh.yaml', overlays: [] },
      state: { serial: 1 },
      declaration: {},
      basis: basisOf(plan, observations),
    });
    const saved = parseSavedPlan(text, 'plan.json');
    assert.is(saved.digest, digest);
    const bound = bindPlan(saved, { plan, actions, observations });
    assert.equal(bound.stale, []);
    assert.equal(
      bound.plan.actions.map(({ id, change }) => `${id} ${change}`),
      plan.actions.map(({ id, change }) => `${id} ${change}`),
    );
  }));

test.run();
