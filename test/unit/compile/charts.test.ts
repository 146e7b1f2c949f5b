import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ADDRESS_SENTINEL, chartInputs, mergeValues, withUnknowns } from '../../../src/compile/charts.js';
import type { JsonObject, ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { Unknown } from '../../../src/model/unknown.js';
import { clusterOf, exampleMesh, meshOf } from './support.js';

const pair = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one', { network: 'net-b' })]);

interface Spec {
  profile: string;
  meshConfig: JsonObject;
  values: {
    global: JsonObject;
    pilot: { env: JsonObject; autoscaleMin: number; autoscaleMax: number } & JsonObject;
    istiodRemote: JsonObject;
  };
}

function specOf(mesh: ResolvedMesh, cluster: string, addresses: Record<string, string> = {}): Spec {
  const input = chartInputs(mesh, addresses).find((item) => item.cluster === cluster);
  return input?.operator.spec as unknown as Spec;
}

const test = suite('chart inputs');

const shapes: [address: string, remote: JsonObject, customHost: string | undefined][] = [
  ['203.0.113.7', { injectionPath: '/inject/cluster/two/net/net-b' }, undefined],
  ['2001:db8::7', { injectionPath: '/inject/cluster/two/net/net-b' }, undefined],
  [
    'lb-1.elb.example.com',
    { injectionURL: 'https://lb-1.elb.example.com:15017/inject/cluster/two/net/net-b' },
    'lb-1.elb.example.com',
  ],
  ['localhost', { injectionURL: 'https://localhost:15017/inject/cluster/two/net/net-b' }, 'localhost'],
];
for (const [address, remote, customHost] of shapes) {
  test(`address ${address}: injection by ${Object.keys(remote).join()}`, () => {
    const two = specOf(pair, 'two', { one: address });
    assert.is(two.profile, 'remote');
    assert.equal(two.values.istiodRemote, remote);
    assert.is(two.values.global.remotePilotAddress, address);
    assert.is(specOf(pair, 'one', { one: address }).values.pilot.env.ISTIOD_CUSTOM_HOST, customHost);
  });
}

test('an address that is not known yet: the sentinel in the IP shape, and the unknown that it stands for', () => {
  const [one, two] = chartInputs(pair, {});
  assert.is(specOf(pair, 'two').values.global.remotePilotAddress, ADDRESS_SENTINEL);
  assert.is(specOf(pair, 'one').values.pilot.env.ISTIOD_CUSTOM_HOST, ADDRESS_SENTINEL);
  for (const input of [one, two])
    assert.equal(input?.unknown, new Unknown('one/address', 'load balancer of one'));
});

test('with the address known, and on a primary without remotes, nothing is unknown', () => {
  const alone = meshOf([clusterOf('one', 'one')]);
  for (const input of [...chartInputs(pair, { one: '203.0.113.7' }), ...chartInputs(alone, {})])
    assert.is(input.unknown, undefined);
  assert.not.match(JSON.stringify(chartInputs(alone, {})), ADDRESS_SENTINEL);
});

test('each remote takes the address of its own primary', () => {
  const mesh = meshOf([
    clusterOf('a', 'a'),
    clusterOf('b', 'b'),
    clusterOf('a-1', 'a'),
    clusterOf('b-1', 'b'),
  ]);
  const addresses = { a: '203.0.113.1', b: '203.0.113.2' };
  assert.is(specOf(mesh, 'a-1', addresses).values.global.remotePilotAddress, '203.0.113.1');
  assert.is(specOf(mesh, 'b-1', addresses).values.global.remotePilotAddress, '203.0.113.2');
  const half = chartInputs(mesh, { a: '203.0.113.1' }).map(
    (item) => `${item.cluster} ${item.unknown?.origin ?? ''}`,
  );
  assert.equal(half, ['a ', 'b b/address', 'a-1 ', 'b-1 b/address']);
});

test('externalIstiod is set exactly where remotes are served', () => {
  assert.is(specOf(pair, 'one', { one: '203.0.113.7' }).values.global.externalIstiod, true);
  assert.is(specOf(meshOf([clusterOf('one', 'one')]), 'one').values.global.externalIstiod, false);
});

test('mesh ID, network and cluster name reach the charts of every cluster', () => {
  for (const [name, network] of [
    ['one', 'network1'],
    ['two', 'net-b'],
  ] as const) {
    const { meshID, multiCluster, network: given } = specOf(pair, name).values.global;
    assert.equal(
      { meshID, multiCluster, network: given },
      { meshID: 'mesh1', multiCluster: { clusterName: name }, network },
    );
  }
});

const floors: [replicas: number, min: number, max: number, spread: boolean][] = [
  [1, 1, 5, false],
  [3, 3, 5, true],
  [7, 7, 7, true],
];
for (const [replicas, min, max, spread] of floors) {
  test(`replicas ${replicas}: autoscaling from ${min} to ${max}${spread ? ', spread over zones' : ''}`, () => {
    const controlPlane = {
      replicas,
      exposure: { type: 'LoadBalancer' as const, annotations: {}, allowFrom: [] },
    };
    const { pilot } = specOf(meshOf([clusterOf('one', 'one', { controlPlane })]), 'one').values;
    assert.equal([pilot.autoscaleMin, pilot.autoscaleMax], [min, max]);
    assert.is('topologySpreadConstraints' in pilot, spread);
    assert.is(pilot.env.ISTIO_MULTIROOT_MESH, 'true');
  });
}

const scalings: [title: string, pilot: JsonObject, max: number, spread?: JsonObject[]][] = [
  ['a ceiling above the floor', { autoscaleMax: 4 }, 4],
  ['a ceiling below the floor', { autoscaleMax: 2 }, 3],
  ['a spread of their own', { topologySpreadConstraints: [{ maxSkew: 2 }] }, 5, [{ maxSkew: 2 }]],
  ['no spread', { topologySpreadConstraints: [] }, 5, []],
];
for (const [title, given, max, own] of scalings) {
  test(`users' values for istiod's scaling: ${title}`, () => {
    const controlPlane = {
      replicas: 3,
      exposure: { type: 'LoadBalancer' as const, annotations: {}, allowFrom: [] },
    };
    const mesh = meshOf([clusterOf('one', 'one', { controlPlane, values: { pilot: given } })]);
    const { pilot } = specOf(mesh, 'one').values;
    assert.is(pilot.autoscaleMax, max);
    if (own !== undefined) assert.equal(pilot.topologySpreadConstraints, own);
  });
}

test("users' values: of the mesh, over them those of the cluster, over all what meshplan derives", () => {
  const values = { global: { logging: { level: 'mesh' }, tag: 'mesh' }, pilot: { env: { A: 'mesh' } } };
  const mesh = meshOf(
    [
      clusterOf('one', 'one', {
        values: {
          global: { logging: { level: 'cluster' }, meshID: 'other' },
          pilot: { env: { B: 'cluster' } },
        },
      }),
    ],
    { istio: { version: '1.31', hub: 'images.example.com/istio', meshConfig: { trustDomain: 'x' }, values } },
  );
  const spec = specOf(mesh, 'one');
  assert.is((spec as unknown as { hub: string }).hub, 'images.example.com/istio');
  assert.equal(spec.meshConfig, { trustDomain: 'cluster.local' });
  assert.equal(spec.values.global.logging, { level: 'cluster' });
  assert.is(spec.values.global.tag, 'mesh');
  assert.is(spec.values.global.meshID, 'mesh1');
  assert.equal(spec.values.pilot.env, { A: 'mesh', B: 'cluster', ISTIO_MULTIROOT_MESH: 'true' });
});

test('the trust domain of the example with another one reaches meshConfig', async () => {
  const shop = await exampleMesh('two-remotes');
  for (const { name } of shop.clusters)
    assert.is(specOf(shop, name).meshConfig.trustDomain, 'mesh.shop.example');
});

const merges: [base: JsonObject, over: JsonObject, merged: JsonObject][] = [
  [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  [{ a: { b: 1, c: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
  [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
  [{ a: { b: 1 } }, { a: null }, { a: null }],
  [{ a: null }, { a: { b: 1 } }, { a: { b: 1 } }],
];
for (const [base, over, merged] of merges) {
  test(`${JSON.stringify(over)} over ${JSON.stringify(base)}`, () => {
    const copy = JSON.stringify(base);
    assert.equal(mergeValues(base, over), merged);
    assert.is(JSON.stringify(base), copy);
  });
}

test('the sentinel becomes the unknown wherever it stands, also inside longer text', () => {
  const unknown = new Unknown('one/address', 'load balancer of one');
  const url = `https://${ADDRESS_SENTINEL}:15017/inject`;
  assert.equal(withUnknowns({ a: [ADDRESS_SENTINEL, 'x', 1, null], b: { c: url } }, unknown), {
    a: [unknown, 'x', 1, null],
    b: { c: unknown },
  });
  assert.equal(withUnknowns({ a: ADDRESS_SENTINEL }, undefined), { a: ADDRESS_SENTINEL });
});

test.run();
