import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedCluster, ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { judgeFailover, type Move } from '../../../src/traffic/locality.js';
import { hostnameOf, serverOf, serviceOf, whyApart } from '../../../src/traffic/names.js';
import { contradiction, type Regions, whyNoLocality } from '../../../src/traffic/regions.js';
import { isAbandoned } from '../../../src/traffic/remains.js';
import { judgeSplit } from '../../../src/traffic/routes.js';
import { hasSidecar } from '../../../src/traffic/sidecar.js';
import { type Tally, tallyOf } from '../../../src/traffic/tally.js';

const test = suite('judgements of a test with traffic');

const cluster = (name: string, primary: string, region?: string) =>
  ({ name, primary, ...(region ? { locality: { region } } : {}) }) as ResolvedCluster;
const LONG = `edge.${'x'.repeat(58)}`;
const one = cluster('one', 'one', 'east');
const two = cluster(LONG, 'one', 'west');
const mesh = { clusters: [one, two] } as ResolvedMesh;

const tally = (versions: Record<string, number>, failed = 0): Tally => {
  const answered = Object.values(versions).reduce((sum, count) => sum + count, 0);
  return {
    requests: answered + failed,
    answered,
    versions,
    clusters: { [LONG]: answered },
    failures: failed > 0 ? { 'HTTP 503': failed } : {},
  };
};

test('a server is known by its hostname, and names are short whatever the cluster is called', () => {
  for (const { name } of mesh.clusters) {
    assert.match(serviceOf(mesh, name), /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
    assert.equal(serverOf(mesh, hostnameOf(mesh, name, 'v2')), { cluster: name, version: 'v2' });
  }
  assert.is(serverOf(mesh, 'somebody-else'), undefined);
});

test('a fair split is within its bounds, and says them', () => {
  const { isFair, evidence } = judgeSplit(tally({ v1: 160, v2: 40 }));
  assert.ok(isFair);
  assert.is(evidence, '200 requests, 160 by v1, 40 by v2; 99.9 % of fair splits give v2 22 to 59');
});

for (const [what, given] of [
  ['no split at all', tally({ v1: 100, v2: 100 })],
  ['one version alone', tally({ v1: 200 })],
  ['a request that failed', tally({ v1: 159, v2: 40 }, 1)],
] as const) {
  test(`${what} is not fair`, () => assert.not.ok(judgeSplit(given).isFair));
}

const moved = (fields: Partial<Move> = {}): Move => ({
  afterMs: 1_234,
  meanwhile: { requests: 20, failed: 3 },
  afterwards: tally({ v1: 50 }),
  ...fields,
});

test('a failover holds when all is answered elsewhere, and tells what it cost', () => {
  const { status, evidence } = judgeFailover('one', moved());
  assert.is(status, 'pass');
  assert.match(evidence, 'moved after 1.2 s (till then 3 of 20 failed); then 50 requests, 50 by edge.');
});

test('none when it never moved, fails later, or comes back', () => {
  const { afterMs: _, ...stayed } = moved();
  assert.is(judgeFailover('one', stayed).status, 'fail');
  assert.is(judgeFailover('one', moved({ afterwards: tally({ v1: 49 }, 1) })).status, 'fail');
  assert.is(judgeFailover(LONG, moved()).status, 'fail');
});

const regions = (own: Partial<Regions>, other: Partial<Regions> = { names: ['west'] }) =>
  new Map<string, Regions>([
    ['one', { names: [], ...own }],
    [LONG, { names: [], ...other }],
  ]);

test('locality can be tested where nodes of distinct regions say so', () => {
  assert.is(whyNoLocality(one, [two], regions({ names: ['east'] })), undefined);
});

for (const [what, from, peers, given, reason] of [
  ['none declared', cluster('one', 'one'), [two], { names: ['east'] }, /declares no locality/],
  ['one cluster', one, [], { names: ['east'] }, /no other cluster/],
  ['nodes without label', one, [two], { unlabelled: 'n1' }, /node n1 of one has no label/],
  ['the same region', one, [two], { names: ['west'] }, /both have nodes in region west/],
  ['nodes that may not be read', one, [two], { problem: 'forbidden' }, /cannot be read: forbidden/],
] as const) {
  test(`locality is skipped: ${what}`, () =>
    assert.match(whyNoLocality(from, peers, regions(given)) ?? '', reason));
}

test('nodes that say another region than mesh.yaml are told', () => {
  assert.match(contradiction(one, regions({ names: ['north'] })) ?? '', /says region east.*say north/);
  assert.is(contradiction(one, regions({ names: ['east'] })), undefined);
});

test('clusters of two primaries do not meet', () => {
  assert.is(whyApart(one, two), undefined);
  assert.match(whyApart(one, cluster('three', 'three')) ?? '', 'do not read each other');
});

test('a namespace is taken for abandoned when its run has ended, or after an hour', async () => {
  const ended = { hasEnded: async () => true };
  const unknown = { hasEnded: async () => false };
  const made = '2026-11-25T03:00:00Z';
  const at = (minutes: number) => Date.parse(made) + minutes * 60_000;
  const namespace = { metadata: { name: 't', creationTimestamp: made } };
  assert.ok(await isAbandoned(namespace, ended, at(1)));
  assert.not.ok(await isAbandoned(namespace, unknown, at(59)));
  assert.ok(await isAbandoned(namespace, unknown, at(61)));
});

test('a native sidecar is one, too', () => {
  const pod = (spec: unknown) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
  assert.ok(hasSidecar(pod({ containers: [{ name: 'a' }], initContainers: [{ name: 'istio-proxy' }] })));
  assert.ok(hasSidecar(pod({ containers: [{ name: 'a' }, { name: 'istio-proxy' }] })));
  assert.not.ok(hasSidecar(pod({ containers: [{ name: 'a' }] })));
});

test('answers are counted by who gave them, failures by what came', () => {
  const result = (status: number, body = '', exitCode = 0) => ({
    status,
    exitCode,
    seconds: 0.1,
    error: '',
    body,
  });
  const results = [
    result(200, 'c1-v1'),
    result(200, 'c2-v2'),
    result(503),
    result(0, '', 28),
    result(200, '?'),
  ];
  assert.equal(tallyOf(mesh, results), {
    requests: 5,
    answered: 3,
    clusters: { one: 1, [LONG]: 1, unknown: 1 },
    versions: { v1: 1, v2: 1, unknown: 1 },
    failures: { 'HTTP 503': 1, 'curl 28': 1 },
  });
});

test.run();
