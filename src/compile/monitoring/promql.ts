/**
 * What the alerts and the dashboards ask of istiod's metrics. Names and labels are those of Istio 1.31:
 * pkg/kube/multicluster/secretcontroller.go, pilot/pkg/util/informermetric/informerutil.go,
 * security/pkg/server/ca/monitoring.go, pilot/pkg/xds/monitoring.go, pkg/xds/monitoring.go and
 * pilot/pkg/bootstrap/monitoring.go. Istio adds no `_total` to the name of a counter.
 */

/** One sample per istiod, value 1. */
export const ISTIOD_INFO = 'pilot_info';

/** End of the root certificate, in seconds since 1970. */
export const ROOT_EXPIRY = 'citadel_server_root_cert_expiry_timestamp';

/** End of the certificate that istiod signs with, in seconds since 1970. */
export const SIGNING_EXPIRY = 'citadel_server_cert_chain_expiry_timestamp';

/** Configuration that proxies refused, by `type` (cds, eds, lds, rds, …). A counter. */
export const REJECTS = 'pilot_total_xds_rejects';

/** Times that istiod gave up waiting for a cluster and started without it, by `cluster`. A counter. */
export const SYNC_TIMEOUTS = 'remote_cluster_sync_timeouts_total';

/** 1 for the `status` (synced, syncing, timeout, closed) that a remote `cluster` has, else 0. */
export const SYNC_STATUS = 'istiod_remote_cluster_sync_status';

/** Errors of the watches by which istiod follows a `cluster`. A counter. */
export const WATCH_ERRORS = 'controller_sync_errors_total';

/**
 * 1 for each named cluster that every istiod has synced, else 0. Clusters are named because a cluster
 * that has left the mesh keeps samples of 0 until istiod restarts. Names are DNS labels, so they are
 * their own regular expressions.
 */
export function clustersSynced(clusters: string[]): string {
  return `min by (cluster) (${SYNC_STATUS}{cluster=~"${clusters.join('|')}",status="synced"})`;
}

/** One sample for each named cluster that no istiod knows, while an istiod is there to know it. */
export function clustersUnknown(clusters: string[]): string {
  const missing = clusters.map((cluster) => `absent(${SYNC_STATUS}{cluster="${cluster}"})`);
  return `(${missing.join(' or ')}) and on () count(${ISTIOD_INFO})`;
}

/** Proxies that are connected to an istiod, by `version`; no sample before the first has come. */
export const PROXIES_CONNECTED = 'pilot_xds';

/**
 * The increase of a counter, summed by a label (by none, if it is empty), where there is one. Istio makes a
 * counter's series with its first count, which increase() cannot see: so a series that is new counts with its whole value.
 * The hour before is searched so that a gap in the scraping makes no series look new.
 */
export function grown(counter: string, label: string, window: string): string {
  const risen = `increase(${counter}[${window}]) > 0`;
  const fresh = `${counter} unless last_over_time(${counter}[1h] offset ${window})`;
  const by = label === '' ? '' : ` by (${label}) `;
  return `sum${by}((${risen}) or (${fresh}))`;
}

/** What a counter of errors grew by in five minutes, summed by a label; meant to hold for longer than that. */
export function goesOn(counter: string, label = ''): string {
  return `sum by (${label}) (increase(${counter}[5m])) > 0`;
}

/** Seconds until the earliest of the given moments; negative once it has passed. */
export function timeLeft(timestamp: string): string {
  return `min(${timestamp}) - time()`;
}
