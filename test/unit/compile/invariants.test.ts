import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Facts } from '../../../src/model/facts.js';
import { addressOf, refOf } from '../../../src/model/kube.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { findUnknowns } from '../../../src/model/unknown.js';
import {
  ancestors,
  clusterOf,
  compiled,
  deployment,
  exampleMesh,
  fullFacts,
  injected,
  meshOf,
  noFacts,
  service,
  workload,
} from './support.js';

const primaryAlone = meshOf([clusterOf('solo', 'solo')], {
  namespaces: [injected('shop', ['solo'])],
  workloads: [workload('apps/', [deployment('web', 'shop')], ['solo'])],
});
const clusters = ['east', 'east-1', 'west', 'west-1'];
const twoPrimaries = meshOf(
  [
    clusterOf('east', 'east'),
    clusterOf('east-1', 'east'),
    clusterOf('west', 'west'),
    clusterOf('west-1', 'west'),
  ],
  {
    namespaces: [injected('shop', clusters)],
    workloads: [
      workload(
        'web.yaml',
        [deployment('web', 'shop'), service('web', 'shop')],
        ['east-1', 'west-1'],
        clusters,
      ),
      workload('more.yaml', [service('web', 'shop'), deployment('more', 'shop')], ['east-1']),
    ],
    monitoring: { alerts: true, dashboards: true },
    traffic: [
      {
        host: 'web.shop.svc.cluster.local',
        namespace: 'shop',
        subsets: { v1: { version: 'v1' } },
        routes: [],
        failover: [],
        distribute: [],
        subsetPolicies: {},
        source: { file: 'mesh.yaml', line: 1, column: 1 },
      },
    ],
  },
);

const meshes: [name: string, mesh: ResolvedMesh][] = [
  ['primary-remote', await exampleMesh('primary-remote')],
  ['two-remotes', await exampleMesh('two-remotes')],
  ['a primary alone', primaryAlone],
  ['two primaries', twoPrimaries],
  ['CA from Secrets', { ...twoPrimaries, trust: { ...twoPrimaries.trust, source: 'secret' } }],
];
const knowledge: [name: string, facts: (mesh: ResolvedMesh) => Facts][] = [
  ['nothing is known', noFacts],
  ['all is known', (mesh) => fullFacts(mesh)],
  ['a hostname is known', (mesh) => fullFacts(mesh, 'lb.example.com')],
  ['the tokens are missing', (mesh) => ({ ...fullFacts(mesh), readerTokens: {} })],
];

const test = suite('compile: what holds for every mesh');

for (const [name, mesh] of meshes) {
  for (const [what, facts] of knowledge) {
    const actions = compiled(mesh, facts(mesh));
    const title = `${name}, ${what}`;

    test(`${title}: ids are unique and stand after all they need`, () => {
      const seen = new Set<string>();
      for (const { id, after } of actions) {
        for (const needed of after) assert.ok(seen.has(needed), `${id} stands before ${needed}`);
        assert.not.ok(seen.has(id), id);
        seen.add(id);
      }
    });

    test(`${title}: no object is brought twice`, () => {
      const addresses = actions.flatMap((item) =>
        item.objects.map(({ cluster, object }) => addressOf(refOf(cluster, object))),
      );
      assert.equal(addresses, [...new Set(addresses)]);
    });

    test(`${title}: an unknown comes from the action itself or from one before it that yields it`, () => {
      for (const item of actions) {
        const earlier = ancestors(actions, item.id).add(item.id);
        for (const { value } of item.objects.flatMap(({ object }) => findUnknowns(object))) {
          assert.ok(earlier.has(value.origin), `${item.id} does not wait for ${value.origin}`);
          assert.ok(
            actions.find((other) => other.id === value.origin)?.effect,
            `${value.origin} yields nothing`,
          );
        }
      }
    });

    test(`${title}: objects wait for their declared namespace`, () => {
      for (const item of actions) {
        for (const { cluster, object } of item.objects) {
          const namespace = `${cluster}/namespace/${object.metadata.namespace}`;
          if (!actions.some((other) => other.id === namespace)) continue;
          assert.ok(ancestors(actions, item.id).has(namespace), `${item.id} does not wait for ${namespace}`);
        }
      }
    });

    test(`${title}: every object is labelled as ours, no pod is`, () => {
      for (const { object } of actions.flatMap((item) => item.objects)) {
        assert.is(object.metadata.labels?.['meshplan.dev/mesh'], mesh.name);
        assert.not.match(JSON.stringify(object.spec ?? {}), 'meshplan.dev/mesh');
      }
    });

    test(`${title}: pods come after the injection of their cluster works`, () => {
      for (const item of actions.filter((other) => other.kind === 'workload')) {
        const cluster = mesh.clusters.find((other) => other.name === item.cluster);
        const gate =
          cluster?.role === 'primary'
            ? `${item.cluster}/control-plane`
            : `${cluster?.primary}/federate/${item.cluster}`;
        assert.ok(item.after.includes(gate), `${item.id} does not wait for ${gate}`);
      }
    });
  }
}

test('a primary without remotes is not exposed', () => {
  const actions = compiled(primaryAlone);
  assert.equal(
    actions.filter((item) => ['exposure', 'address', 'federation', 'reader-token'].includes(item.kind)),
    [],
  );
});

test('each primary has its own exposure, address, rules and remotes', () => {
  const actions = compiled(twoPrimaries);
  const idsOf = (kind: string) => actions.filter((item) => item.kind === kind).map((item) => item.id);
  assert.equal(idsOf('address'), ['east/address', 'west/address']);
  assert.equal(idsOf('federation'), ['east/federate/east-1', 'west/federate/west-1']);
  assert.equal(idsOf('traffic'), [
    'east/traffic/web.shop.svc.cluster.local',
    'west/traffic/web.shop.svc.cluster.local',
  ]);
  assert.equal(idsOf('monitoring'), ['east/monitoring', 'west/monitoring']);
  assert.not.ok(ancestors(actions, 'west-1/data-plane').has('east/control-plane'));
});

test('what two workloads bring alike is applied once, by the first, and the second waits', () => {
  const actions = compiled(twoPrimaries);
  const more = actions.find((item) => item.id === 'east-1/workload/more');
  assert.equal(
    more?.objects.map(({ object }) => object.kind),
    ['Deployment'],
  );
  assert.ok(more?.after.includes('east-1/workload/web'));
});

test.run();
