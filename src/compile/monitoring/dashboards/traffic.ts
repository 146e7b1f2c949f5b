import type { Panel, Row } from './grafana.js';
import { FAILED, itself, type Labels, latency, REQUESTS, rate, share } from './requests.js';

const PAIR = ['source_cluster', 'destination_cluster'];
const PAIR_LEGEND = '{{source_cluster}} → {{destination_cluster}}';

const CALLS: Labels = { reporter: 'source', source_cluster: '$source', destination_cluster: '$destination' };

/** A caller without a sidecar has no cluster that the destination knows. */
const ARRIVALS: Labels = {
  reporter: 'destination',
  source_cluster: '$source|unknown',
  destination_cluster: '$destination',
};

/** The shown time as a whole, for tables. */
const WHOLE = '$__range';

/** Requests between the clusters of a mesh, as their callers see them. */
export function trafficRows(): Row[] {
  return [
    { title: 'Source by destination, over the shown time', panels: tables() },
    { title: 'Between clusters', panels: between() },
    { title: 'Security', panels: security() },
    { title: 'TCP', panels: tcp() },
  ];
}

function tables(): Panel[] {
  const table = {
    type: 'matrix',
    width: 8,
    height: 7,
    rows: { row: 'source_cluster', column: 'destination_cluster' },
    noValue: '–',
  } as const;
  return [
    {
      ...table,
      title: 'Requests per second',
      queries: [{ expr: rate(REQUESTS, CALLS, PAIR, WHOLE) }],
      unit: 'reqps',
    },
    {
      ...table,
      title: 'Success',
      description: SUCCESS,
      queries: [{ expr: `1 - (${share(FAILED, CALLS, PAIR, WHOLE)})` }],
      unit: 'percentunit',
      thresholds: [
        { color: 'red', value: null },
        { color: 'orange', value: 0.99 },
        { color: 'green', value: 0.999 },
      ],
    },
    {
      ...table,
      title: 'Latency, 99 %',
      queries: [{ expr: latency(0.99, CALLS, PAIR, WHOLE) }],
      unit: 'ms',
    },
  ];
}

const SUCCESS =
  'Share of requests with an answer other than 5xx. A gRPC call that fails within an answer of 200 is no failure here.';

function between(): Panel[] {
  const size = { type: 'curves', width: 12, height: 8, noValue: 'No requests between clusters' } as const;
  const curve = (expr: string) => [{ expr: crossing(expr), legend: PAIR_LEGEND }];
  return [
    { ...size, title: 'Requests per second', queries: curve(rate(REQUESTS, CALLS, PAIR)), unit: 'reqps' },
    {
      ...size,
      title: 'Success',
      description: SUCCESS,
      queries: curve(`1 - (${share(FAILED, CALLS, PAIR)})`),
      unit: 'percentunit',
    },
    { ...size, title: 'Latency, 50 %', queries: curve(latency(0.5, CALLS, PAIR)), unit: 'ms' },
    { ...size, title: 'Latency, 99 %', queries: curve(latency(0.99, CALLS, PAIR)), unit: 'ms' },
    {
      ...size,
      title: 'Requests that stay in their cluster, and that leave it',
      queries: [
        { expr: `sum(${crossing(rate(REQUESTS, CALLS, PAIR))})`, legend: 'to another cluster' },
        { expr: `sum(${staying(rate(REQUESTS, CALLS, PAIR))})`, legend: 'within one cluster' },
      ],
      unit: 'reqps',
      stacked: true,
      noValue: 'No requests',
    },
    {
      ...size,
      title: 'Failed before they reached a cluster',
      description:
        'By the flag of the proxy that gave up: UH no healthy endpoint, UF connection failed, UO too many, NR no route, UT too slow.',
      queries: [
        { expr: rate(REQUESTS, UNREACHED, ['source_cluster', 'response_flags']), legend: UNREACHED_LEGEND },
      ],
      unit: 'reqps',
      noValue: 'None',
    },
  ];
}

/** No destination answered, so the proxy of the caller could not learn of its cluster. */
const UNREACHED: Labels = {
  reporter: 'source',
  source_cluster: '$source',
  destination_cluster: 'unknown',
  response_code: '5..|0',
};
const UNREACHED_LEGEND = '{{source_cluster}}: {{response_flags}}';

const ON_PAIR = `on (${PAIR.join(', ')})`;
const ITSELF = itself({ reporter: 'source', source_cluster: '$source' });

/** The pairs of two clusters. */
const crossing = (pairs: string) => `(${pairs}) unless ${ON_PAIR} ${ITSELF}`;

/** The pairs of a cluster with itself. */
const staying = (pairs: string) => `(${pairs}) and ${ON_PAIR} ${ITSELF}`;

function security(): Panel[] {
  const size = { type: 'curves', width: 12, height: 8, noValue: 'No requests' } as const;
  return [
    {
      ...size,
      title: 'Requests per second, by security of the connection',
      description: 'As destinations see it. Plain text has the policy `none`.',
      queries: [
        {
          expr: rate(REQUESTS, ARRIVALS, ['connection_security_policy']),
          legend: '{{connection_security_policy}}',
        },
      ],
      unit: 'reqps',
      stacked: true,
    },
    {
      ...size,
      title: 'Share of mutual TLS',
      description: 'The source `unknown` is a caller without a sidecar.',
      queries: [
        { expr: share({ connection_security_policy: 'mutual_tls' }, ARRIVALS, PAIR), legend: PAIR_LEGEND },
      ],
      unit: 'percentunit',
    },
  ];
}

function tcp(): Panel[] {
  const size = { type: 'curves', width: 12, height: 8, noValue: 'No TCP connections' } as const;
  const curve = (metric: string, suffix = '') => ({
    expr: rate(metric, CALLS, PAIR),
    legend: `${PAIR_LEGEND}${suffix}`,
  });
  return [
    {
      ...size,
      title: 'Connections opened per second',
      queries: [curve('istio_tcp_connections_opened_total')],
      unit: 'cps',
    },
    {
      ...size,
      title: 'Bytes per second',
      queries: [
        curve('istio_tcp_received_bytes_total', ', there'),
        curve('istio_tcp_sent_bytes_total', ', back'),
      ],
      unit: 'Bps',
    },
  ];
}
