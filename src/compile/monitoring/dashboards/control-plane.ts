import { ISTIOD_INFO, REJECTS } from '../promql.js';
import type { Panel, Row } from './grafana.js';
import { errors, INTERVAL, NO_ERRORS, perSecond, quantiles, within } from './istiod.js';
import { certificates, webhooks } from './webhooks.js';

/** What istiod uses and does: of all its instances together, but for what each of them uses. */
export function controlPlaneRows(): Row[] {
  return [
    { title: 'istiod', panels: instances() },
    { title: 'Pushes to proxies', panels: pushes() },
    { title: 'Configuration', panels: configuration() },
    { title: 'Webhooks', panels: webhooks() },
    { title: 'Certificates', panels: certificates() },
  ];
}

/** What a process says of itself, of istiods alone. */
const ofIstiod = (expression: string) => `(${expression}) and on (job, instance) ${ISTIOD_INFO}`;

const HALF = { width: 12, height: 8 } as const;
const THIRD = { width: 8, height: 8 } as const;

function instances(): Panel[] {
  return [
    {
      ...THIRD,
      title: 'Instances, by version',
      type: 'curves',
      queries: [{ expr: `sum by (version) (${ISTIOD_INFO})`, legend: '{{version}}' }],
      stacked: true,
    },
    {
      ...THIRD,
      title: 'Memory',
      description: 'Resident memory of each istiod.',
      type: 'curves',
      queries: [{ expr: ofIstiod('process_resident_memory_bytes'), legend: '{{instance}}' }],
      unit: 'bytes',
    },
    {
      ...THIRD,
      title: 'CPU',
      description: 'Cores that each istiod uses.',
      type: 'curves',
      queries: [{ expr: ofIstiod(`rate(process_cpu_seconds_total[${INTERVAL}])`), legend: '{{instance}}' }],
    },
  ];
}

function pushes(): Panel[] {
  return [
    {
      ...THIRD,
      title: 'Proxies connected, by version',
      type: 'curves',
      queries: [{ expr: 'sum by (version) (pilot_xds)', legend: '{{version}}' }],
      stacked: true,
    },
    {
      ...THIRD,
      title: 'Pushes per second, by type',
      type: 'curves',
      queries: [{ expr: perSecond('pilot_xds_pushes{type!~".+_senderr"}', ['type']), legend: '{{type}}' }],
    },
    {
      ...THIRD,
      title: 'Triggers of pushes per second, by cause',
      type: 'curves',
      queries: [{ expr: perSecond('pilot_push_triggers', ['type']), legend: '{{type}}' }],
    },
    {
      ...THIRD,
      title: 'Convergence',
      description: 'From a change until a proxy has all of its configuration.',
      type: 'curves',
      queries: quantiles('pilot_proxy_convergence_time'),
      unit: 's',
    },
    {
      ...THIRD,
      title: 'Wait in the xDS queue',
      description: 'How long a proxy waits until its push begins.',
      type: 'curves',
      queries: quantiles('pilot_proxy_queue_time'),
      unit: 's',
    },
    {
      ...THIRD,
      title: 'Time of a push, 99 %, by type',
      type: 'curves',
      queries: [{ expr: within(0.99, 'pilot_xds_push_time', ['type']), legend: '{{type}}' }],
      unit: 's',
    },
    {
      ...HALF,
      title: 'Errors of pushes',
      type: 'events',
      queries: errors(
        { metric: 'pilot_xds_pushes{type=~".+_senderr"}', label: 'type', legend: '{{type}}' },
        { metric: 'pilot_total_xds_internal_errors', legend: 'internal errors' },
        { metric: 'pilot_xds_write_timeout', legend: 'write timeouts' },
      ),
      noValue: NO_ERRORS,
    },
    {
      ...HALF,
      title: 'Rejects by proxies, by type',
      description: 'Configuration that proxies refused. They go on with what they had.',
      type: 'events',
      queries: errors({ metric: REJECTS, label: 'type', legend: '{{type}}' }),
      noValue: NO_ERRORS,
    },
  ];
}

/** Gauges of what istiod finds wrong in what it was given, with what each counts. */
const FAULTS: Record<string, string> = {
  pilot_conflict_inbound_listener: 'conflicting inbound listeners',
  pilot_conflict_outbound_listener_tcp_over_current_tcp: 'conflicting outbound TCP listeners',
  pilot_destrule_subsets: 'subsets declared twice',
  pilot_vservice_dup_domain: 'hosts of two virtual services',
  pilot_duplicate_envoy_clusters: 'service entries with one host',
  pilot_dns_cluster_without_endpoints: 'DNS clusters without endpoints',
  pilot_eds_no_instances: 'clusters without instances',
  pilot_no_ip: 'pods without an IP',
  endpoint_no_pod: 'endpoints without a pod',
};

function configuration(): Panel[] {
  return [
    {
      ...THIRD,
      title: 'Updates per second, by type',
      description: 'What clusters told istiod.',
      type: 'curves',
      queries: [{ expr: perSecond('pilot_inbound_updates', ['type']), legend: '{{type}}' }],
    },
    {
      ...THIRD,
      title: 'Known to istiod',
      type: 'curves',
      queries: [
        { expr: 'max(pilot_services)', legend: 'services' },
        { expr: 'max(pilot_virt_services)', legend: 'virtual services' },
      ],
    },
    {
      ...THIRD,
      title: 'Debounce',
      description: 'How long changes are gathered before a push.',
      type: 'curves',
      queries: quantiles('pilot_debounce_time'),
      unit: 's',
    },
    {
      ...HALF,
      title: 'Faults in the configuration',
      description: '`istioctl analyze` and `meshplan verify` name them.',
      type: 'curves',
      queries: Object.entries(FAULTS).map(([metric, legend]) => ({ expr: `max(${metric})`, legend })),
    },
    {
      ...HALF,
      title: 'Size of the configuration of a proxy, 99 %, by type',
      description: 'Of one push. Above 4 MB proxies refuse it unless they are told otherwise.',
      type: 'curves',
      queries: [{ expr: within(0.99, 'pilot_xds_config_size_bytes', ['type']), legend: '{{type}}' }],
      unit: 'bytes',
    },
  ];
}
