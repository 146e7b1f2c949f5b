/**
 * Questions to the metrics that Istio's proxies make of requests (https://istio.io/latest/docs/reference/config/metrics/).
 * Both ends of a request count it. A panel names one of them as its `reporter`: the `source` sees what fails on the way,
 * and its time is the caller's; the `destination` alone knows whether mutual TLS was used.
 */

export const REQUESTS = 'istio_requests_total';
export const DURATIONS = 'istio_request_duration_milliseconds_bucket';

/** Labels with what they have to be: a word, a regular expression, or a variable of the dashboard. */
export type Labels = Record<string, string>;

/** Answers that are failures: 5xx, and none at all. */
export const FAILED: Labels = { response_code: '5..|0' };

const WORD = /^\w+$/;

const selector = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}${WORD.test(value) ? '=' : '=~'}"${value}"`)
    .join(',')}}`;

/** Per second, within an interval that Grafana chooses. */
export function rate(metric: string, labels: Labels, by: string[], interval = '$__rate_interval'): string {
  return `sum by (${by.join(', ')}) (rate(${metric}${selector(labels)}[${interval}]))`;
}

/** Share of the requests that have further labels: 0 where none has, and no sample where there are no requests. */
export function share(of: Labels, labels: Labels, by: string[], interval?: string): string {
  const all = rate(REQUESTS, labels, by, interval);
  const some = rate(REQUESTS, { ...labels, ...of }, by, interval);
  return `(${some} or ${all} * 0) / (${all} > 0)`;
}

/** Source clusters as pairs with themselves, to tell the requests that stay in a cluster from those that leave it. */
export function itself(labels: Labels): string {
  const sources = `group by (source_cluster) (${REQUESTS}${selector(labels)})`;
  return `label_replace(${sources}, "destination_cluster", "$1", "source_cluster", "(.+)")`;
}

/** Milliseconds within which the given share of requests was answered. */
export function latency(quantile: number, labels: Labels, by: string[], interval?: string): string {
  return `histogram_quantile(${quantile}, ${rate(DURATIONS, labels, ['le', ...by], interval)})`;
}
