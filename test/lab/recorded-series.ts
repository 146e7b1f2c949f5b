/** What proxies would record, and an istiod in trouble: counters that rise evenly. A rise of 60 a minute is one a second. */
const MINUTES = 180;

interface Series {
  series: string;
  values: string;
}

const rising = (metric: string, labels: Record<string, string>, perMinute: number): Series => ({
  series: `${metric}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`,
  values: `0+${perMinute}x${MINUTES}`,
});

type Pair = [source: string, destination: string];
const ACROSS: Pair = ['cluster-1', 'cluster-2'];
const WITHIN: Pair = ['cluster-1', 'cluster-1'];

const of = (
  metric: string,
  reporter: string,
  pair: Pair,
  labels: Record<string, string>,
  perMinute: number,
) =>
  rising(metric, { reporter, source_cluster: pair[0], destination_cluster: pair[1], ...labels }, perMinute);

const requests = of.bind(undefined, 'istio_requests_total');
const OK = { response_code: '200', response_flags: '-' };

/** Half of the answers within 10 ms, the rest within 100. */
const durations = (pair: Pair) =>
  Object.entries({ 10: 120, 100: 240, '+Inf': 240 }).map(([le, perMinute]) =>
    of('istio_request_duration_milliseconds_bucket', 'source', pair, { le }, perMinute),
  );

const TRAFFIC = [
  requests('source', ACROSS, OK, 180),
  requests('source', ACROSS, { response_code: '503', response_flags: '-' }, 60),
  requests('source', WITHIN, OK, 120),
  requests('source', ['cluster-1', 'unknown'], { response_code: '503', response_flags: 'UH' }, 60),
  requests('destination', ACROSS, { ...OK, connection_security_policy: 'mutual_tls' }, 180),
  requests('destination', ['unknown', 'cluster-2'], { ...OK, connection_security_policy: 'none' }, 60),
  ...durations(ACROSS),
  ...durations(WITHIN),
  of('istio_tcp_connections_opened_total', 'source', ACROSS, {}, 60),
  of('istio_tcp_received_bytes_total', 'source', ACROSS, {}, 6_000),
  of('istio_tcp_sent_bytes_total', 'source', ACROSS, {}, 60_000),
];

const TROUBLE = [
  rising('remote_cluster_sync_timeouts_total', { cluster: 'cluster-2' }, 1),
  rising('controller_sync_errors_total', { cluster: 'cluster-2' }, 1),
  rising('pilot_xds_pushes', { type: 'cds_senderr' }, 1),
  rising('pilot_total_xds_internal_errors', {}, 1),
  rising('pilot_xds_write_timeout', {}, 1),
  rising('webhook_patch_failures_total', { name: 'hook', reason: 'webhook_update_failure' }, 1),
  rising('galley_validation_config_update_error', { reason: 'Conflict' }, 1),
  rising('galley_validation_http_error', { status: '400' }, 1),
  rising('citadel_server_csr_count', {}, 120),
  rising('citadel_server_success_cert_issuance_count', {}, 60),
  rising('citadel_server_authentication_failure_count', {}, 1),
  rising('citadel_server_csr_parsing_err_count', {}, 1),
  rising('citadel_server_id_extraction_err_count', {}, 1),
  rising('citadel_server_csr_sign_err_count', { error: 'CERT_GEN_ERROR' }, 1),
];

export const RECORDED: readonly Series[] = [...TRAFFIC, ...TROUBLE];

/** Labels as Prometheus writes them → value. */
type Expected = Record<string, number>;

interface Missing {
  /** Why the lab has no samples of it. */
  why: string;
  /** Whether it has them at times. */
  sometimes?: boolean;
  /** By the query, what it gives for what was recorded. */
  gives: Record<string, Expected>;
}

const pair = ([source, destination]: Pair) =>
  `{destination_cluster="${destination}", source_cluster="${source}"}`;
const to = (cluster: string) => `{destination_cluster="${cluster}"}`;
const from = (cluster: string) => `{source_cluster="${cluster}"}`;
/** A counter that rises by one a minute, within the five that these tests take for an interval. */
const FIVE: Expected = { '{}': 5 };

/** The queries that the lab has no samples for, by dashboard, row, panel and letter. */
export const NOT_IN_LAB: readonly Missing[] = [
  {
    why: 'nobody sends requests at level 1, and the Envoy of level 2 lacks the filter that counts them',
    gives: {
      'clusters / $cluster / Requests sent to clusters / A': {
        [to('cluster-1')]: 2,
        [to('cluster-2')]: 4,
        [to('unknown')]: 1,
      },
      'clusters / $cluster / Requests received from clusters / A': {
        [from('cluster-1')]: 3,
        [from('unknown')]: 1,
      },
      'clusters / $cluster / Requests sent that failed / A': {
        [to('cluster-1')]: 0,
        [to('cluster-2')]: 0.25,
        [to('unknown')]: 1,
      },
      'traffic between clusters / Source by destination, over the shown time / Requests per second / A': {
        [pair(WITHIN)]: 2,
        [pair(ACROSS)]: 4,
      },
      'traffic between clusters / Source by destination, over the shown time / Success / A': {
        [pair(WITHIN)]: 1,
        [pair(ACROSS)]: 0.75,
      },
      'traffic between clusters / Source by destination, over the shown time / Latency, 99 % / A': {
        [pair(WITHIN)]: 98.2,
        [pair(ACROSS)]: 98.2,
      },
      'traffic between clusters / Between clusters / Requests per second / A': { [pair(ACROSS)]: 4 },
      'traffic between clusters / Between clusters / Success / A': { [pair(ACROSS)]: 0.75 },
      'traffic between clusters / Between clusters / Latency, 50 % / A': { [pair(ACROSS)]: 10 },
      'traffic between clusters / Between clusters / Latency, 99 % / A': { [pair(ACROSS)]: 98.2 },
      'traffic between clusters / Between clusters / Requests that stay in their cluster, and that leave it / A':
        {
          '{}': 4,
        },
      'traffic between clusters / Between clusters / Requests that stay in their cluster, and that leave it / B':
        {
          '{}': 2,
        },
      'traffic between clusters / Between clusters / Failed before they reached a cluster / A': {
        '{response_flags="UH", source_cluster="cluster-1"}': 1,
      },
      'traffic between clusters / Security / Requests per second, by security of the connection / A': {
        '{connection_security_policy="mutual_tls"}': 3,
        '{connection_security_policy="none"}': 1,
      },
      'traffic between clusters / Security / Share of mutual TLS / A': {
        [pair(ACROSS)]: 1,
        [pair(['unknown', 'cluster-2'])]: 0,
      },
      'traffic between clusters / TCP / Connections opened per second / A': { [pair(ACROSS)]: 1 },
      'traffic between clusters / TCP / Bytes per second / A': { [pair(ACROSS)]: 100 },
      'traffic between clusters / TCP / Bytes per second / B': { [pair(ACROSS)]: 1000 },
    },
  },
  {
    why: 'istiod of the lab reads its clusters long before its limit of 30 s',
    gives: { 'clusters / $cluster / Starts without the cluster / A': { '{cluster="cluster-2"}': 5 } },
  },
  {
    why: 'a server that does not answer is no error of a watch, and a token that is refused is noticed within minutes',
    gives: { 'clusters / $cluster / Errors of watches / A': { '{cluster="cluster-2"}': 5 } },
  },
  {
    why: 'no connection breaks at the moment in which istiod writes to it',
    gives: {
      'control plane / Pushes to proxies / Errors of pushes / A': { '{type="cds_senderr"}': 5 },
      'control plane / Pushes to proxies / Errors of pushes / B': FIVE,
      'control plane / Pushes to proxies / Errors of pushes / C': FIVE,
    },
  },
  {
    why: 'the API servers of the lab call webhooks as they should, and let istiod write its certificate into them',
    gives: {
      'control plane / Webhooks / Errors of injection / B': {
        '{name="hook", reason="webhook_update_failure"}': 5,
      },
      'control plane / Webhooks / Errors of validation / B': { '{status="400"}': 5 },
    },
  },
  {
    why: 'only where another writes the webhook in the same moment',
    sometimes: true,
    gives: { 'control plane / Webhooks / Errors of validation / C': { '{reason="Conflict"}': 5 } },
  },
  {
    why: 'no pod of the lab asks for a certificate',
    gives: {
      'control plane / Certificates / Certificates issued to proxies per second / A': { '{}': 2 },
      'control plane / Certificates / Certificates issued to proxies per second / B': { '{}': 1 },
      'control plane / Certificates / Errors of issuing / A': FIVE,
      'control plane / Certificates / Errors of issuing / B': FIVE,
      'control plane / Certificates / Errors of issuing / C': FIVE,
      'control plane / Certificates / Errors of issuing / D': { '{error="CERT_GEN_ERROR"}': 5 },
    },
  },
];
