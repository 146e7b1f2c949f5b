import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeProxies, type ProxyLooks } from '../../../src/verify/checks/proxies-synced.js';
import { type ConnectedProxy, connectedIn } from '../../../src/verify/syncz.js';

const PREFIX = 'type.googleapis.com/envoy.config.';
const CDS = `${PREFIX}cluster.v3.Cluster`;
const LDS = `${PREFIX}listener.v3.Listener`;
const SECOND = (second: number) => `2026-11-25T13:15:${second}.480879268Z`;
const SYNCED = { sent: 'n1', acked: 'n1', sentTime: SECOND(30) };

const entry = (proxy: string, resources: object, more: object = {}) => ({
  cluster_id: 'two',
  proxy,
  proxy_type: 'sidecar',
  istio_version: '1.31.0',
  resources,
  ...more,
});
const answer = (pod: string, ...entries: object[]) => ({ pod, body: JSON.stringify(entries) });

const judged: [title: string, resources: object, status: string, types: object[]][] = [
  ['all that was sent is acknowledged', { [CDS]: SYNCED, [LDS]: SYNCED }, 'synced', []],
  [
    'of a type nothing had to be sent',
    { [CDS]: SYNCED, [LDS]: { sentTime: '0001-01-01T00:00:00Z' } },
    'synced',
    [],
  ],
  ['nothing was sent yet', { [CDS]: { sentTime: '0001-01-01T00:00:00Z' } }, 'not-sent', []],
  ['nothing is wanted yet', {}, 'not-sent', []],
  [
    'a nonce is not acknowledged',
    { [CDS]: { ...SYNCED, sent: 'n2' }, [LDS]: { sent: 'n1', sentTime: SECOND(31) } },
    'stale',
    [
      { type: 'CDS', status: 'stale', since: SECOND(30) },
      { type: 'LDS', status: 'stale', since: SECOND(31) },
    ],
  ],
  [
    'one is rejected beside one that is not acknowledged',
    { [CDS]: { ...SYNCED, sent: 'n2' }, [LDS]: { ...SYNCED, sent: 'n2', lastError: 'Proto\n  constraint' } },
    'rejected',
    [
      { type: 'CDS', status: 'stale', since: SECOND(30) },
      { type: 'LDS', status: 'rejected', since: SECOND(30), error: 'Proto constraint' },
    ],
  ],
  [
    'what a certificate was rejected for is not told, for it may quote the key',
    {
      'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret': { sent: 'n', lastError: 'KEY' },
    },
    'rejected',
    [{ type: 'SDS', status: 'rejected', error: 'see the log of the proxy' }],
  ],
];
for (const [title, resources, status, types] of judged) {
  test(`a proxy is ${status} where ${title}`, () => {
    const [proxy] = connectedIn([answer('istiod-a', entry('web.shop', resources))]);
    assert.is(proxy?.status, status);
    assert.equal(proxy?.types, types);
  });
}

test('a proxy that two istiods know counts where it was sent something last', () => {
  const later = { [CDS]: { ...SYNCED, sentTime: SECOND(45) } };
  const views = [
    answer(
      'istiod-a',
      entry('web.shop', { [CDS]: { ...SYNCED, sent: 'n0' } }),
      entry('api.shop', { [CDS]: SYNCED }),
    ),
    answer('istiod-b', entry('web.shop', later)),
  ];
  for (const order of [views, views.toReversed()]) {
    const found = connectedIn(order).map(({ name, istiod, status }) => `${name} ${istiod} ${status}`);
    assert.equal(found, ['api.shop istiod-a synced', 'web.shop istiod-b synced']);
  }
  const sameName = answer('istiod-c', entry('web.shop', later, { cluster_id: 'one' }));
  assert.is(connectedIn([...views, sameName]).length, 3);
});

test('who only asks istiod is no proxy', () => {
  const tool = entry('istioctl.istio-system', { 'istio.io/debug/syncz': SYNCED });
  assert.equal(connectedIn([answer('a', tool, entry('x', {}, { cluster_id: undefined }))]), []);
});

/** A proxy of which CDS is as told. */
function proxy(name: string, { sent = 'n1', acked = 'n1', lastError = '' } = {}): ConnectedProxy {
  const cds = { sent, acked, sentTime: SECOND(30), ...(lastError ? { lastError } : {}) };
  const [found] = connectedIn([answer('istiod', entry(name, { [CDS]: cds }))]);
  assert.ok(found);
  return found;
}
const behind = proxy('slow.shop', { sent: 'n9' });
const judge = (looks: Partial<ProxyLooks>) =>
  judgeProxies('one', { now: [], before: undefined, elsewhere: [], ...looks });

const looks: [
  title: string,
  looks: Partial<ProxyLooks>,
  status: string,
  evidence: RegExp,
  unsettled: boolean,
][] = [
  ['none is there', {}, 'pass', /^no proxy is connected$/, false],
  ['all are synced', { now: [proxy('a.shop'), proxy('b.shop')] }, 'pass', /^2 connected, all synced$/, false],
  [
    'one is behind at the first look',
    { now: [behind] },
    'warn',
    /1 connected, 0 synced: slow.shop has not acknowledged CDS/,
    true,
  ],
  ['one is as far behind as before', { now: [behind], before: [behind] }, 'warn', /slow.shop/, true],
  [
    'one got further meanwhile, and something new is on its way',
    { now: [behind], before: [proxy('slow.shop', { sent: 'n8', acked: 'n0' })] },
    'pass',
    /^1 connected, 0 synced$/,
    false,
  ],
  ['one had all before', { now: [behind], before: [proxy('slow.shop')] }, 'pass', /0 synced/, false],
  ['one came since', { now: [behind], before: [] }, 'pass', /0 synced/, false],
  [
    'one rejects',
    { now: [behind, proxy('bad.shop', { sent: 'n2', lastError: 'no such filter' })] },
    'fail',
    /: bad.shop rejected CDS \(no such filter\); slow.shop has not/,
    true,
  ],
  [
    'some are with another istiod',
    { now: [proxy('a.shop')], elsewhere: [{ name: 'b.shop', primary: 'old' }] },
    'warn',
    /^1 connected, all synced; 1 more with istiod of another primary: b.shop \(old\)$/,
    false,
  ],
];
for (const [title, given, status, evidence, unsettled] of looks) {
  test(`${status} where ${title}`, () => {
    const outcome = judge(given);
    assert.is(outcome.status, status);
    assert.match(outcome.evidence, evidence);
    assert.is(outcome.unsettled ?? false, unsettled);
  });
}

test('many that are behind are counted, not all named', () => {
  const now = ['a', 'b', 'c', 'd', 'e'].map((name) => proxy(name, { sent: 'n9' }));
  assert.match(
    judge({ now }).evidence,
    /^5 connected, 0 synced: a has .*; c has not acknowledged CDS; and 2 more$/,
  );
});

test.run();
