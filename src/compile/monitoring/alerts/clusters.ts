import { clustersSynced, clustersUnknown, goesOn, grown, SYNC_TIMEOUTS, WATCH_ERRORS } from '../promql.js';
import { LASTING, type Rule, WINDOW } from './rule.js';

/** The job by which Prometheus asks API servers itself, as docs/monitoring.md has it. */
const API_SERVERS = 'mesh-api-servers';

/** About the clusters that istiod has to know besides its own. */
export function clusterRules(remotes: string[]): Rule[] {
  if (remotes.length === 0) return [];
  return [notSynced(remotes), unknown(remotes), syncTimeout(), watchFailing(remotes), apiServerDown(remotes)];
}

function notSynced(remotes: string[]): Rule {
  return {
    alert: 'MeshClusterNotSynced',
    expr: `${clustersSynced(remotes)} == 0`,
    for: '5m',
    severity: 'critical',
    summary: 'istiod has not synced cluster {{ $labels.cluster }}',
    description:
      'At least one istiod does not see the Services and pods of cluster {{ $labels.cluster }}: proxies that it ' +
      'leads get no endpoints there, and its sidecars may get none of their own. `meshplan verify` says whether ' +
      "the remote secret, its credentials or the cluster's API server is at fault; `meshplan apply` mends the secret.",
  };
}

function unknown(remotes: string[]): Rule {
  return {
    alert: 'MeshClusterUnknown',
    expr: clustersUnknown(remotes),
    for: '10m',
    severity: 'critical',
    summary: 'istiod does not know cluster {{ $labels.cluster }}',
    description:
      'The mesh declares cluster {{ $labels.cluster }}, but no istiod that Prometheus scrapes has been told of it: ' +
      'nobody gets its endpoints. The remote secret is missing in istio-system of the primary, or istiod of its ' +
      'primary is gone while that of another one is there. `meshplan plan` shows what is missing, `meshplan apply` ' +
      'brings it.',
  };
}

function syncTimeout(): Rule {
  return {
    alert: 'MeshClusterSyncTimeout',
    expr: grown(SYNC_TIMEOUTS, 'cluster', WINDOW),
    for: '1m',
    severity: 'warning',
    summary: 'istiod started without cluster {{ $labels.cluster }}',
    description:
      'istiod stopped waiting for cluster {{ $labels.cluster }} and told its proxies of no endpoints there. ' +
      'Traffic to pods that are only in that cluster fails until istiod has read it. `meshplan verify` says why ' +
      'it could not.',
  };
}

function watchFailing(remotes: string[]): Rule {
  return {
    alert: 'MeshClusterWatchFailing',
    // A restart of an API server costs each watch an error or two.
    expr: goesOn(`${WATCH_ERRORS}{cluster=~"${remotes.join('|')}"}`, 'cluster'),
    for: LASTING,
    severity: 'critical',
    summary: 'istiod fails to follow cluster {{ $labels.cluster }}',
    description:
      'The API server of cluster {{ $labels.cluster }} refuses istiod or breaks off, so proxies go on with the ' +
      'endpoints of before: traffic to pods that have gone since fails, and new pods get none. Credentials that ' +
      'were withdrawn are the usual cause. `meshplan verify` tells, `meshplan apply` makes the remote secret anew.',
  };
}

function apiServerDown(remotes: string[]): Rule {
  return {
    alert: 'MeshClusterApiServerDown',
    expr: `max by (cluster) (up{job="${API_SERVERS}",cluster=~"${remotes.join('|')}"}) == 0`,
    for: '2m',
    severity: 'critical',
    summary: 'The API server of cluster {{ $labels.cluster }} does not answer',
    description:
      'Prometheus gets no answer from the API server of cluster {{ $labels.cluster }}. istiod still reports the ' +
      'cluster as synced, and proxies go on with what they have; but endpoints there no longer change, its pods get ' +
      'no new certificates, and an istiod that restarts now serves without it. `meshplan verify` looks from here.',
  };
}
