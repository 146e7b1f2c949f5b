import type { ResolvedMesh } from '../../../model/resolved-mesh.js';
import { warningDays } from '../lifetimes.js';
import {
  clustersSynced,
  grown,
  ISTIOD_INFO,
  ROOT_EXPIRY,
  SIGNING_EXPIRY,
  SYNC_STATUS,
  SYNC_TIMEOUTS,
  timeLeft,
  WATCH_ERRORS,
} from '../promql.js';
import { COLUMNS, type Panel, type Row, type Threshold } from './grafana.js';
import { FAILED, REQUESTS, rate, share } from './requests.js';

const SYNCED = {
  0: { text: 'not synced', color: 'red' },
  1: { text: 'synced', color: 'green' },
};

/** The mesh at a glance, and then each cluster in a row of its own. */
export function meshRows(mesh: ResolvedMesh, remotes: string[]): Row[] {
  const about = remotes.length === 0 ? [] : [remoteClusters(remotes)];
  return [
    { title: 'Mesh', panels: [...numbers(mesh), ...about] },
    { title: '$cluster', repeat: 'cluster', panels: [...discovery(), ...traffic()] },
  ];
}

function numbers(mesh: ResolvedMesh): Panel[] {
  const size = { type: 'stat', width: 6, height: 4 } as const;
  const days = warningDays(mesh);
  return [
    { ...size, title: 'istiod instances', queries: [{ expr: `count(${ISTIOD_INFO})` }], noValue: '0' },
    {
      ...size,
      title: 'Proxies connected',
      description: 'istiod does not tell in which cluster a proxy is. `meshplan verify` does.',
      queries: [{ expr: 'sum(pilot_xds)' }],
      noValue: '0',
    },
    {
      ...size,
      title: 'Root certificate: time left',
      queries: [{ expr: timeLeft(ROOT_EXPIRY) }],
      unit: 's',
      thresholds: expiryColours(days.root),
    },
    {
      ...size,
      title: 'Signing certificate: time left',
      description: 'Of the certificate that istiod signs with. An apply renews it within its last days.',
      queries: [{ expr: timeLeft(SIGNING_EXPIRY) }],
      unit: 's',
      thresholds: expiryColours(days.signing),
    },
  ];
}

const DAY_SECONDS = 86_400;

/** The colours change where the alerts begin. */
const expiryColours = (days: number): Threshold[] => [
  { color: 'red', value: null },
  { color: 'orange', value: Math.round((days / 4) * DAY_SECONDS) },
  { color: 'green', value: Math.round(days * DAY_SECONDS) },
];

function remoteClusters(remotes: string[]): Panel {
  return {
    title: 'Remote clusters',
    description: 'Synced where every istiod has read the cluster.',
    type: 'timeline',
    width: COLUMNS,
    height: 6,
    queries: [{ expr: clustersSynced(remotes), legend: '{{cluster}}' }],
    values: SYNCED,
  };
}

/** What istiod says of one cluster. These are its only metrics that tell clusters apart. */
function discovery(): Panel[] {
  const size = { width: 8, height: 6 } as const;
  const selector = '{cluster=~"$cluster"}';
  return [
    {
      ...size,
      title: 'Synced, by istiod',
      type: 'timeline',
      queries: [{ expr: `${SYNC_STATUS}{cluster=~"$cluster",status="synced"}`, legend: '{{instance}}' }],
      values: SYNCED,
      noValue: 'No istiod has this cluster as a remote',
    },
    {
      ...size,
      title: 'Errors of watches',
      description:
        'Requests by which istiod follows the cluster and which its API server refused, as it does without a sound token. A server that does not answer at all is not counted.',
      type: 'events',
      queries: [
        { expr: grown(`${WATCH_ERRORS}${selector}`, 'cluster', '$__rate_interval'), legend: 'errors' },
      ],
      noValue: 'None since istiod started',
    },
    {
      ...size,
      title: 'Starts without the cluster',
      description: 'How often an istiod stopped waiting for the cluster and served without its endpoints.',
      type: 'events',
      queries: [
        { expr: grown(`${SYNC_TIMEOUTS}${selector}`, 'cluster', '$__rate_interval'), legend: 'timeouts' },
      ],
      noValue: 'None since istiod started',
    },
  ];
}

function traffic(): Panel[] {
  const size = { type: 'curves', width: 8, height: 6, noValue: 'No requests' } as const;
  const sent = { reporter: 'source', source_cluster: '$cluster' };
  const received = { reporter: 'destination', destination_cluster: '$cluster' };
  return [
    {
      ...size,
      title: 'Requests sent to clusters',
      queries: [
        { expr: rate(REQUESTS, sent, ['destination_cluster']), legend: 'to {{destination_cluster}}' },
      ],
      unit: 'reqps',
    },
    {
      ...size,
      title: 'Requests received from clusters',
      queries: [{ expr: rate(REQUESTS, received, ['source_cluster']), legend: 'from {{source_cluster}}' }],
      unit: 'reqps',
    },
    {
      ...size,
      title: 'Requests sent that failed',
      description: 'Answered with 5xx, or not at all.',
      queries: [{ expr: share(FAILED, sent, ['destination_cluster']), legend: 'to {{destination_cluster}}' }],
      unit: 'percentunit',
    },
  ];
}
