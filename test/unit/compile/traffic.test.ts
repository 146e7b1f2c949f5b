import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { trafficNotes } from '../../../src/compile/traffic/notes.js';
import { trafficObjects } from '../../../src/compile/traffic.js';
import type { ResolvedTraffic } from '../../../src/model/resolved-mesh.js';
import { kindsMadeBy } from '../../../src/model/traffic-rules.js';

const HOST = 'backend.production.svc.cluster.local';

function rule(fields: Partial<ResolvedTraffic> = {}): ResolvedTraffic {
  const source = { file: 'mesh.yaml', line: 1, column: 1 };
  return {
    host: HOST,
    namespace: 'production',
    subsets: {},
    subsetPolicies: {},
    routes: [],
    failover: [],
    distribute: [],
    source,
    ...fields,
  };
}

/** The traffic rule of the first example, examples/primary-remote. */
const example = rule({
  subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
  routes: [
    { match: [{ headers: { version: { exact: 'v2' } } }], to: [{ subset: 'v2' }] },
    {
      to: [
        { subset: 'v1', weight: 80 },
        { subset: 'v2', weight: 20 },
      ],
    },
  ],
  failover: [{ from: 'us-east-1', to: 'us-west-2' }],
  outlierDetection: { consecutive5xxErrors: 5, interval: '30s', baseEjectionTime: '30s' },
});

const test = suite('traffic');

test('the example becomes one VirtualService and one DestinationRule', () => {
  assert.equal(trafficObjects(example), [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'backend', namespace: 'production' },
      spec: {
        hosts: [HOST],
        http: [
          {
            match: [{ headers: { version: { exact: 'v2' } } }],
            route: [{ destination: { host: HOST, subset: 'v2' } }],
          },
          {
            route: [
              { destination: { host: HOST, subset: 'v1' }, weight: 80 },
              { destination: { host: HOST, subset: 'v2' }, weight: 20 },
            ],
          },
        ],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'backend', namespace: 'production' },
      spec: {
        host: HOST,
        trafficPolicy: {
          loadBalancer: {
            localityLbSetting: { enabled: true, failover: [{ from: 'us-east-1', to: 'us-west-2' }] },
          },
          outlierDetection: {
            consecutive5xxErrors: 5,
            interval: '30s',
            baseEjectionTime: '30s',
            maxEjectionPercent: 100,
          },
        },
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          { name: 'v2', labels: { version: 'v2' } },
        ],
      },
    },
  ]);
});

test('the example says why all pods may be ejected', () => {
  const notes = trafficNotes(example);
  assert.is(notes.length, 1);
  assert.match(
    notes[0] ?? '',
    /^backend\.production\.svc\.cluster\.local: .*maxEjectionPercent is set to 100/,
  );
});

test('a host without any rule becomes nothing', () => {
  assert.equal(trafficObjects(rule()), []);
  assert.equal(trafficNotes(rule()), []);
});

test('subsets alone become a DestinationRule without a policy', () => {
  const [only, ...rest] = trafficObjects(rule({ subsets: { v1: { version: 'v1' } } }));
  assert.equal(rest, []);
  assert.is(only?.kind, 'DestinationRule');
  assert.equal(only?.spec, { host: HOST, subsets: [{ name: 'v1', labels: { version: 'v1' } }] });
});

test('routes alone become a VirtualService', () => {
  const [only, ...rest] = trafficObjects(rule({ routes: [{ to: [{}] }] }));
  assert.equal(rest, []);
  assert.is(only?.kind, 'VirtualService');
  assert.equal(only?.spec, { hosts: [HOST], http: [{ route: [{ destination: { host: HOST } }] }] });
});

test('outlier detection without failover keeps the default share', () => {
  const detected = rule({ outlierDetection: { interval: '10s' } });
  assert.equal(trafficObjects(detected)[0]?.spec, {
    host: HOST,
    trafficPolicy: { outlierDetection: { interval: '10s' } },
  });
  assert.equal(trafficNotes(detected), []);
});

test('outlier detection with nothing in it is never an empty object', () => {
  assert.equal(specOf(rule({ outlierDetection: {} })).trafficPolicy, {
    outlierDetection: { consecutive5xxErrors: 5 },
  });
});

test('a share that the user wrote is kept, and said to be too small where it is', () => {
  const failover = [{ from: 'us-east-1', to: 'us-west-2' }];
  const expected = new Map([
    [0, /kept as declared \(0 means the default of 10 %\)/],
    [50, /kept as declared \(50 %\)/],
    [100, undefined],
  ]);
  for (const [maxEjectionPercent, note] of expected) {
    const chosen = rule({ failover, outlierDetection: { maxEjectionPercent } });
    const { outlierDetection } = specOf(chosen).trafficPolicy as Record<string, unknown>;
    assert.equal(outlierDetection, { maxEjectionPercent });
    const notes = trafficNotes(chosen);
    assert.is(notes.length, note === undefined ? 0 : 1);
    if (note !== undefined) assert.match(notes[0] ?? '', note);
  }
});

test('the only destination has no weight, a weight of 0 among several stays', () => {
  const single = rule({ routes: [{ to: [{ subset: 'v1', weight: 100 }] }] });
  assert.equal(routesOf(single), [{ route: [{ destination: { host: HOST, subset: 'v1' } }] }]);
  const several = rule({
    routes: [
      {
        to: [
          { subset: 'v1', weight: 100 },
          { subset: 'v2', weight: 0 },
        ],
      },
    ],
  });
  assert.equal(routesOf(several), [
    {
      route: [
        { destination: { host: HOST, subset: 'v1' }, weight: 100 },
        { destination: { host: HOST, subset: 'v2' }, weight: 0 },
      ],
    },
  ]);
});

test('every kind of condition, timeout and retries reach the route', () => {
  const full = rule({
    routes: [
      {
        match: [
          {
            headers: { 'x-user': { regex: 'a.*' } },
            queryParams: { beta: { exact: 'true' } },
            path: { prefix: '/api/' },
            method: { exact: 'GET' },
            ignoreUriCase: true,
          },
          { method: { exact: 'HEAD' } },
        ],
        to: [{}],
        timeout: '5s',
        retries: { attempts: 2, perTryTimeout: '2s', retryOn: '5xx,reset' },
      },
      { to: [{}], retries: { attempts: 0 } },
    ],
  });
  assert.equal(routesOf(full), [
    {
      match: [
        {
          headers: { 'x-user': { regex: 'a.*' } },
          queryParams: { beta: { exact: 'true' } },
          uri: { prefix: '/api/' },
          method: { exact: 'GET' },
          ignoreUriCase: true,
        },
        { method: { exact: 'HEAD' } },
      ],
      route: [{ destination: { host: HOST } }],
      timeout: '5s',
      retries: { attempts: 2, perTryTimeout: '2s', retryOn: '5xx,reset' },
    },
    { route: [{ destination: { host: HOST } }], retries: { attempts: 0 } },
  ]);
});

test('a host whose routes all have a match answers 404 to the rest, and the plan says so', () => {
  const match = [{ path: { exact: '/health' } }];
  assert.match(trafficNotes(rule({ routes: [{ match, to: [{}] }] }))[0] ?? '', /404/);
  assert.equal(trafficNotes(rule({ routes: [{ match, to: [{}] }, { to: [{}] }] })), []);
});

test('mirrors and faults have their share written out, for a fault without one is of 0 %', () => {
  const routes = [
    {
      to: [{}],
      mirrors: [{ host: HOST, subset: 'v2', percent: 12.5 }],
      fault: { delay: { fixedDelay: '3s', percent: 100 }, abort: { httpStatus: 503, percent: 0 } },
    },
  ];
  assert.equal(routesOf(rule({ routes })), [
    {
      route: [{ destination: { host: HOST } }],
      mirrors: [{ destination: { host: HOST, subset: 'v2' }, percentage: { value: 12.5 } }],
      fault: {
        delay: { fixedDelay: '3s', percentage: { value: 100 } },
        abort: { httpStatus: 503, percentage: { value: 0 } },
      },
    },
  ]);
  assert.equal(trafficNotes(rule({ routes })), [
    `${HOST}: the fault of route 1 keeps 100 % of its requests for 3s.`,
  ]);
});

test('distribute stands in the load balancer beside the way of choosing, without failover', () => {
  const distribute = [{ from: 'us-east-1/*', to: { 'us-east-1': 80, 'us-west-2': 20 } }];
  const chosen = rule({ distribute, loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } } });
  assert.equal(specOf(chosen), {
    host: HOST,
    trafficPolicy: {
      loadBalancer: {
        consistentHash: { httpHeaderName: 'x-user' },
        localityLbSetting: { enabled: true, distribute },
      },
    },
  });
  assert.equal(trafficNotes(chosen), []);
});

test('connection pool and TLS stand at the host and at a subset', () => {
  const connectionPool = { tcp: { maxConnections: 10 }, http: { http1MaxPendingRequests: 5 } };
  const both = rule({
    connectionPool,
    tls: { mode: 'ISTIO_MUTUAL' },
    subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
    subsetPolicies: { v2: { connectionPool, tls: { mode: 'DISABLE' } } },
  });
  assert.equal(specOf(both), {
    host: HOST,
    trafficPolicy: { connectionPool, tls: { mode: 'ISTIO_MUTUAL' } },
    subsets: [
      { name: 'v1', labels: { version: 'v1' } },
      { name: 'v2', labels: { version: 'v2' }, trafficPolicy: { connectionPool, tls: { mode: 'DISABLE' } } },
    ],
  });
});

function specOf(from: ResolvedTraffic): Record<string, unknown> {
  return trafficObjects(from)[0]?.spec as Record<string, unknown>;
}

function routesOf(from: ResolvedTraffic): unknown {
  return specOf(from).http;
}

const parts: [title: string, fields: Partial<ResolvedTraffic>][] = [
  ['nothing', {}],
  ['routes', { routes: [{ to: [{}] }] }],
  ['subsets', { subsets: { v1: { version: 'v1' } } }],
  ['failover', { failover: [{ from: 'a', to: 'b' }] }],
  ['distribute', { distribute: [{ from: 'a', to: { a: 100 } }] }],
  ['outlierDetection', { outlierDetection: {} }],
  ['connectionPool', { connectionPool: { tcp: { maxConnections: 1 } } }],
  ['loadBalancer', { loadBalancer: { simple: 'RANDOM' } }],
  ['tls', { tls: { mode: 'DISABLE' } }],
];

for (const [title, fields] of parts) {
  test(`lint knows the kinds that are made of ${title}`, () => {
    assert.equal(
      kindsMadeBy(rule(fields)),
      trafficObjects(rule(fields)).map(({ kind }) => kind),
    );
  });
}

test.run();
