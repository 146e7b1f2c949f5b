/** Values of series by name, one a minute, in promtool's notation: `1x9` is a 1 and nine more, `_` is no sample. */
export type Series = Record<string, string[]>;

/** What a rule makes of some series. */
export interface RuleCase {
  alert: string;
  /** Only where an alert has two rules. */
  severity?: 'warning' | 'critical';
  what: string;
  series: Series;
  /** Minutes at which it fires, and at which it does not. */
  fires?: number[];
  quiet?: number[];
  /** What the alert has besides `severity` and `mesh`, and the value that its texts name. */
  labels?: Record<string, string>;
  value?: number;
}

export const DAY = 86_400;

const cluster2 = { cluster: 'cluster-2' };
const synced = (istiod: string, cluster = 'cluster-2') =>
  `istiod_remote_cluster_sync_status{instance="${istiod}",cluster="${cluster}",status="synced"}`;
const info = (istiod: string) => `pilot_info{instance="${istiod}"}`;
const watchErrors = 'controller_sync_errors_total{instance="a",cluster="cluster-2"}';
const apiServer = (instance: string) =>
  `up{job="mesh-api-servers",cluster="cluster-2",instance="${instance}"}`;
const proxies = (istiod: string) => `pilot_xds{instance="${istiod}",version="1.31.0"}`;

/** An istiod that runs for a while, is gone, and comes back. */
const GOES_AND_COMES = ['1x9', 'stale', '_x8', '1x9'];
/** A counter of which there is no sample before it counts for the first time. */
const ONCE = ['_x19', '1x60'];
/** A counter that counts for half an hour. */
const LASTS = ['0x9', '3+3x29', '90x30'];
/** A counter that counts much at once. */
const BURST = ['0x9', '40x50'];

const expiry = (metric: string, days: number, severity: 'warning' | 'critical'): RuleCase => ({
  alert: `Mesh${metric.includes('root') ? 'Root' : 'Signing'}CertificateExpiring`,
  severity,
  what: `fires (${severity}) an hour after ${days} days are left, until a new one is there`,
  series: { [metric]: [`${days * DAY + 600}x99`, `${3650 * DAY}x50`] },
  // At minute 10 that many days are left; at minute 80, 70 minutes less.
  fires: [80],
  quiet: severity === 'warning' ? [5, 60, 105] : [105],
  value: days * DAY - 70 * 60,
});

export const CASES: RuleCase[] = [
  {
    alert: 'MeshIstiodAbsent',
    what: 'fires when no replica is left, and goes out with the first that is back',
    series: { [info('a')]: GOES_AND_COMES, [info('b')]: ['1x9', 'stale', '_x30'] },
    fires: [15, 18],
    quiet: [5, 14, 20],
  },
  {
    alert: 'MeshIstiodAbsent',
    what: 'stays quiet while one of two replicas runs',
    series: { [info('a')]: GOES_AND_COMES, [info('b')]: ['1x30'] },
    quiet: [18],
  },
  {
    alert: 'MeshClusterNotSynced',
    what: 'fires when one of two replicas has not synced it',
    series: {
      [synced('a')]: ['1x40'],
      [synced('b')]: ['1x9', '0x9', '1x20'],
      [synced('a', 'left')]: ['0x40'],
    },
    fires: [15, 19],
    quiet: [5, 14, 20],
    labels: cluster2,
  },
  {
    alert: 'MeshClusterUnknown',
    what: 'fires while istiod has no remote secret of it',
    series: { [info('a')]: ['1x40'], [synced('a')]: ['_x15', '1x20'] },
    fires: [10, 14],
    quiet: [9, 20],
    labels: cluster2,
  },
  {
    alert: 'MeshClusterUnknown',
    what: 'fires when the istiod that knew it is gone, and that of another primary is there',
    series: { [info('a')]: ['1x9', 'stale'], [synced('a')]: ['1x9', 'stale'], [info('other')]: ['1x40'] },
    fires: [20],
    quiet: [9],
    labels: cluster2,
  },
  {
    alert: 'MeshClusterUnknown',
    what: 'says nothing where there is no istiod at all',
    series: { 'up{job="istiod"}': ['0x30'] },
    quiet: [20],
  },
  {
    alert: 'MeshClusterSyncTimeout',
    what: 'fires on the first count, for a quarter of an hour',
    series: { 'remote_cluster_sync_timeouts_total{instance="a",cluster="cluster-2"}': ONCE },
    fires: [22, 30],
    quiet: [19, 40],
    labels: cluster2,
  },
  {
    alert: 'MeshClusterWatchFailing',
    what: 'fires when errors go on for ten minutes',
    series: { [watchErrors]: LASTS },
    fires: [21, 35],
    quiet: [15, 46],
    labels: cluster2,
  },
  {
    alert: 'MeshClusterWatchFailing',
    what: 'takes no notice of an API server that restarts',
    series: { [watchErrors]: BURST },
    quiet: [12, 15, 20, 25],
  },
  {
    alert: 'MeshClusterApiServerDown',
    what: 'fires when none of its addresses answers',
    series: { [apiServer('x')]: ['1x9', '0x9', '1x9'], [apiServer('y')]: ['0x30'] },
    fires: [12, 19],
    quiet: [9, 11, 20],
    labels: cluster2,
  },
  {
    alert: 'MeshClusterApiServerDown',
    what: 'says nothing about other jobs and other clusters',
    series: {
      'up{job="istiod",cluster="cluster-2"}': ['0x30'],
      'up{job="mesh-api-servers",cluster="other"}': ['0x30'],
    },
    quiet: [20],
  },
  {
    alert: 'MeshConfigRejected',
    what: 'fires on the first rejection, for a quarter of an hour',
    series: { 'pilot_total_xds_rejects{instance="a",type="cds"}': ONCE },
    fires: [22],
    quiet: [19, 40],
    labels: { type: 'cds' },
    value: 1,
  },
  ...[
    'pilot_xds_pushes{type="cds_senderr"}',
    'pilot_xds_write_timeout',
    'pilot_total_xds_internal_errors',
  ].map(
    (counter): RuleCase => ({
      alert: 'MeshPushFailing',
      what: `fires when ${counter} grows for ten minutes`,
      series: { [counter]: LASTS, 'pilot_xds_pushes{type="cds"}': ['0+9x60'] },
      fires: [21, 35],
      quiet: [15, 46],
    }),
  ),
  {
    alert: 'MeshPushFailing',
    what: 'takes no notice of pushes that arrive, and of errors that are over',
    series: { 'pilot_xds_pushes{type="eds_senderr"}': BURST, 'pilot_xds_pushes{type="eds"}': ['0+9x60'] },
    quiet: [12, 15, 20, 25],
  },
  {
    alert: 'MeshProxiesLost',
    what: 'fires when more than half of them leave, until that is what is usual',
    series: {
      [info('a')]: ['1x120'],
      [proxies('a')]: ['5x59', '2x60'],
      [proxies('b')]: ['4x59', '1x60'],
    },
    fires: [66, 80],
    quiet: [50, 62, 110],
    value: 3,
  },
  {
    alert: 'MeshProxiesLost',
    what: 'fires when istiod has restarted and none of them comes back',
    series: {
      [info('new')]: ['_x59', '1x60'],
      [info('a')]: ['1x59', 'stale'],
      [proxies('a')]: ['6x59', 'stale'],
    },
    fires: [66],
    quiet: [62],
  },
  {
    alert: 'MeshProxiesLost',
    what: 'takes no notice of a few pods that end',
    series: { [info('a')]: ['1x120'], [proxies('a')]: ['3x59', '1x60'] },
    quiet: [66, 80],
  },
  {
    alert: 'MeshInjectionFailing',
    what: 'fires on the first failure, for a quarter of an hour',
    series: {
      'sidecar_injection_failure_total{instance="a"}': ONCE,
      'sidecar_injection_failure_total{instance="b"}': ONCE,
    },
    fires: [22],
    quiet: [19, 40],
    value: 2,
  },
  {
    alert: 'MeshWebhookNotUpdated',
    what: 'fires when writes go on to fail',
    series: {
      'webhook_patch_failures_total{name="istio-sidecar-injector",reason="webhook_update_failure"}': LASTS,
    },
    fires: [21, 35],
    quiet: [15, 46],
    labels: { name: 'istio-sidecar-injector' },
  },
  {
    alert: 'MeshWebhookNotUpdated',
    what: 'takes no notice of the webhooks of other revisions',
    series: { 'webhook_patch_failures_total{name="istio-sidecar-injector",reason="wrong_revision"}': LASTS },
    quiet: [25],
  },
  {
    alert: 'MeshCertificatesRefused',
    what: 'fires when refusals go on',
    series: { 'citadel_server_authentication_failure_count{instance="a"}': LASTS },
    fires: [21, 35],
    quiet: [15, 46],
  },
  expiry('citadel_server_root_cert_expiry_timestamp', 90, 'warning'),
  expiry('citadel_server_root_cert_expiry_timestamp', 22.5, 'critical'),
  expiry('citadel_server_cert_chain_expiry_timestamp', 60, 'warning'),
  expiry('citadel_server_cert_chain_expiry_timestamp', 15, 'critical'),
];

/** Two replicas, one of them replaced after an hour, when the remote's API server restarts too. */
export const HEALTHY: Series = {
  [info('a')]: ['1x120'],
  [info('b')]: ['1x59', 'stale'],
  [info('c')]: ['_x59', '1x60'],
  [synced('a')]: ['1x120'],
  [synced('b')]: ['1x59', 'stale'],
  [synced('c')]: ['_x59', '0x1', '1x58'],
  [proxies('a')]: ['6x59', '12x3', '7x56'],
  [proxies('b')]: ['6x59', 'stale'],
  [proxies('c')]: ['_x62', '5x57'],
  [watchErrors]: ['0x59', '20x60'],
  [apiServer('x')]: ['1x59', '0x0', '1x60'],
  'pilot_xds_pushes{instance="a",type="cds"}': ['0+5x120'],
  'sidecar_injection_requests_total{instance="a"}': ['0+1x120'],
  'citadel_server_csr_count{instance="a"}': ['0+1x120'],
  'citadel_server_root_cert_expiry_timestamp{instance="a"}': [`${3650 * DAY}x120`],
  'citadel_server_cert_chain_expiry_timestamp{instance="a"}': [`${700 * DAY}x120`],
};
