import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { disproven } from '../../../src/lint/disproof.js';
import { liveFindings } from '../../../src/lint/live.js';
import { lintNeeds } from '../../../src/lint/needs.js';
import { DISPROVABLE_RULES } from '../../../src/lint/rules.js';
import type { Diagnostic } from '../../../src/model/diagnostic.js';
import type { KubeObject } from '../../../src/model/kube.js';
import { keyOf, type LintReading } from '../../../src/model/lint.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { exampleMesh } from '../compile/support.js';

const HOST = 'backend.production.svc.cluster.local';
const OWN = 'cluster-1/networking.istio.io/v1/DestinationRule/production/backend';
const mesh = await exampleMesh('primary-remote');

const reading = (fields: Partial<LintReading>): LintReading => ({
  rules: new Map(),
  nodes: new Map(),
  services: new Map(),
  pods: new Map(),
  unread: [],
  ...fields,
});

const object = (
  kind: string,
  name: string,
  fields: Partial<KubeObject> & { labels?: object; at?: string } = {},
) => {
  const { labels, at, namespace = 'production', ...rest } = fields;
  const metadata = { name, namespace, labels, creationTimestamp: at ?? '2026-01-02T00:00:00Z' };
  return { apiVersion: 'networking.istio.io/v1', kind, metadata, ...rest } as unknown as KubeObject;
};

const ours = object('DestinationRule', 'backend', { spec: { host: HOST } });

const foreign = (rule: KubeObject, of: ResolvedMesh = mesh) =>
  liveFindings(of, reading({ rules: new Map([['cluster-1', [ours, rule]]]) }), new Set([OWN])).map(
    ({ message }) => message.replace(/^.* as well: /, ''),
  );

const rule = (spec: object, namespace = 'production', at?: string) =>
  object('DestinationRule', 'other', { spec, namespace, ...(at ? { at } : {}) });
const service = (spec: object, namespace = 'production') =>
  object('VirtualService', 'other', { spec, namespace });

const OLDER = 'Istio takes subsets of both, and the traffic policy of the older alone, which is that one';

for (const [what, found, outcome] of [
  ['a DestinationRule beside ours, older', rule({ host: HOST }, 'production', '2026-01-01T00:00:00Z'), OLDER],
  [
    'one by its short name, younger',
    rule({ host: 'backend' }, 'production', '2026-01-03T00:00:00Z'),
    OLDER.replace('that one', 'the declared one'),
  ],
  ['one of a namespace of callers', rule({ host: HOST }, 'shop'), 'callers in shop follow it alone'],
  [
    'one for all of the namespace',
    rule({ host: '*.production.svc.cluster.local' }),
    'its host `*.production.svc.cluster.local` is wider, so for this host only the declared rule counts',
  ],
  [
    'one for some pods',
    rule({ host: HOST, workloadSelector: { matchLabels: {} } }),
    'pods that its selector fits follow it alone',
  ],
  ['one of istio-system, which ours hides', rule({ host: HOST }, 'istio-system'), undefined],
  ['one that nobody may read', rule({ host: HOST, exportTo: ['~'] }), undefined],
  ['one for another host of that name', rule({ host: 'backend' }, 'shop'), undefined],
  ['a VirtualService', service({ hosts: [HOST] }), 'sidecars follow the older of the two, which is that one'],
  [
    'one for its namespace alone',
    service({ hosts: [HOST], exportTo: ['.'] }, 'shop'),
    'sidecars follow the older of the two for callers in shop, which is that one',
  ],
  ['one of a gateway', service({ hosts: [HOST], gateways: ['shop/outside'] }), undefined],
  [
    'one of a gateway and the mesh',
    service({ hosts: [HOST], gateways: ['shop/outside', 'mesh'] }),
    'sidecars follow the older of the two, which is that one',
  ],
] as const) {
  test(`foreign-rule: ${what}`, () => assert.equal(foreign(found), outcome === undefined ? [] : [outcome]));
}

test('foreign-rule: what is of a kind that mesh.yaml does not make for the host is nothing to tell', () => {
  const [traffic] = mesh.traffic;
  assert.ok(traffic);
  const without = { ...mesh, traffic: [{ ...traffic, routes: [] }] };
  assert.equal(foreign(service({ hosts: [HOST] }), without), []);
});

test('foreign-rule: a rule of ours that is no longer declared goes with this plan', () => {
  const left = (name: string) =>
    object('VirtualService', 'cart', { spec: { hosts: [HOST] }, labels: { 'meshplan.dev/mesh': name } });
  assert.equal(foreign(left(mesh.name)), []);
  assert.is(foreign(left('another')).length, 1);
});

const node = (name: string, region?: string) =>
  object('Node', name, { labels: region ? { 'topology.kubernetes.io/region': region } : {} });

const regions = (...nodes: KubeObject[]) =>
  liveFindings(mesh, reading({ nodes: new Map([['cluster-2', nodes]]) }), new Set()).map(
    ({ message }) => message,
  );

test('node-region: nodes without a region, or in another', () => {
  assert.equal(regions(), []);
  assert.equal(regions(node('a', 'us-west-2'), node('b', 'us-west-9')), []);
  assert.match(
    regions(node('a', 'us-west-2'), node('b'))[0] ?? '',
    /^1 of 2 nodes of cluster-2 have no label/,
  );
  assert.match(
    regions(node('a', 'west'))[0] ?? '',
    /^the nodes of cluster-2 are in west, and mesh.yaml says us-west-2/,
  );
});

test('headless-service: one that others made', () => {
  const services = new Map([
    [
      keyOf({ cluster: 'cluster-2', host: HOST }),
      object('Service', 'backend', { spec: { clusterIP: 'None' } }),
    ],
  ]);
  assert.equal(
    liveFindings(mesh, reading({ services }), new Set()).map(({ code, subject }) => `${code} ${subject}`),
    [`headless-service ${HOST}`],
  );
});

const finding = (code: string, subject: string): Diagnostic => ({
  severity: 'warning',
  code,
  subject,
  message: '',
});
const isDisproven = (item: Diagnostic, fields: Partial<LintReading>, namespaces = new Map()) =>
  disproven([item], mesh, reading(fields), namespaces).has(item);

const podsIn = (cluster: string, labels: object) => ({
  pods: new Map([[keyOf({ cluster, host: HOST }), [object('Pod', 'x', { labels })]]]),
});
const there = (cluster: string, host = HOST) => ({
  services: new Map([[keyOf({ cluster, host }), object('Service', 'x')]]),
});

for (const [item, proof, noProof] of [
  [
    finding('empty-subset', `${HOST}/v2`),
    podsIn('cluster-2', { version: 'v2' }),
    podsIn('cluster-2', { version: 'v1' }),
  ],
  [finding('empty-service', 'Service/production/backend'), podsIn('cluster-1', {}), {}],
  [finding('empty-region', `${HOST}/us-west-2`), podsIn('cluster-2', {}), podsIn('cluster-1', {})],
  [
    finding('unknown-host', HOST),
    there('cluster-1'),
    there('cluster-1', 'other.production.svc.cluster.local'),
  ],
  [finding('not-callable', `${HOST}/cluster-1`), there('cluster-1'), there('cluster-2')],
  [
    finding('unknown-region', 'west'),
    { nodes: new Map([['cluster-2', [node('a', 'west')]]]) },
    { nodes: new Map([['cluster-2', [node('a')]]]) },
  ],
] as [Diagnostic, Partial<LintReading>, Partial<LintReading>][]) {
  test(`${item.code} is withdrawn where the clusters prove it wrong, and only there`, () => {
    assert.ok(DISPROVABLE_RULES.has(item.code as never));
    assert.ok(isDisproven(item, proof));
    assert.not(isDisproven(item, noProof));
    assert.not(isDisproven({ ...item, code: 'mtls-off' }, proof));
  });
}

test('injection-off is withdrawn where others label the namespace, and mesh.yaml says nothing of it', () => {
  const labelled = object('Namespace', 'legacy', { labels: { 'istio-injection': 'enabled' } });
  const live = new Map([
    [
      'cluster-1',
      new Map([
        ['legacy', labelled],
        ['production', labelled],
      ]),
    ],
  ]);
  assert.ok(isDisproven(finding('injection-off', 'a.legacy.svc.cluster.local'), {}, live));
  assert.not(isDisproven(finding('injection-off', 'a.other.svc.cluster.local'), {}, live));
  // mesh.yaml injects it, so it is the pods that will have none.
  assert.not(isDisproven(finding('injection-off', HOST), {}, live));
});

test('only what matters is asked', () => {
  const nothing = { rules: [], nodes: [], services: [], pods: [] };
  assert.equal(lintNeeds({ ...mesh, traffic: [] }, []), nothing);
  const all = lintNeeds(mesh, [
    finding('empty-subset', `${HOST}/v2`),
    finding('unknown-host', 'a.b.svc.cluster.local'),
  ]);
  assert.equal([all.rules, all.nodes], [['cluster-1'], ['cluster-1', 'cluster-2']]);
  assert.equal(
    all.pods.map(({ cluster, selector }) => `${cluster} ${selector}`),
    ['cluster-1 app=backend', 'cluster-2 app=backend'],
  );
  assert.equal(all.services.map(keyOf), [
    'cluster-1 a.b.svc.cluster.local',
    'cluster-2 a.b.svc.cluster.local',
  ]);
  const off = {
    ...mesh,
    lint: { severities: { 'foreign-rule': 'off', 'empty-subset': 'off' } as const, waivers: [] },
  };
  assert.equal(
    [lintNeeds(off, [finding('empty-subset', `${HOST}/v2`)]).rules, lintNeeds(off, []).pods],
    [[], []],
  );
});

test.run();
