import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import { warningDays } from './lifetimes.js';
import {
  clustersSynced,
  clustersUnknown,
  grown,
  ISTIOD_INFO,
  REJECTS,
  ROOT_EXPIRY,
  SIGNING_EXPIRY,
  SYNC_TIMEOUTS,
  timeLeft,
} from './promql.js';

export type AlertSeverity = 'warning' | 'critical';

/** One alerting rule, as Prometheus rule files and PrometheusRule objects both write it. */
export interface AlertRule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: AlertSeverity; mesh: string };
  annotations: { summary: string; description: string };
}

/** A Prometheus rules file: its JSON form is valid YAML. */
export interface RulesFile {
  groups: { name: string; rules: AlertRule[] }[];
}

const DAY_SECONDS = 86_400;

/** How far a counter is looked back; an alert on it lasts about as long. */
const WINDOW = '15m';

/** The alert rules of one primary. `remotes` are the clusters that its istiod has to know. */
export function alertRules(mesh: ResolvedMesh, remotes: string[]): RulesFile {
  const rules = [
    istiodAbsent(),
    ...(remotes.length === 0 ? [] : remoteRules(remotes)),
    ...certificateRules(mesh),
    configRejected(),
  ];
  const labelled = rules.map(({ severity, ...rule }) => ({
    alert: rule.alert,
    expr: rule.expr,
    for: rule.for,
    labels: { severity, mesh: mesh.name },
    annotations: { summary: rule.summary, description: rule.description },
  }));
  return { groups: [{ name: 'meshplan', rules: labelled }] };
}

interface Rule {
  alert: string;
  expr: string;
  for: string;
  severity: AlertSeverity;
  summary: string;
  description: string;
}

function istiodAbsent(): Rule {
  return {
    alert: 'MeshIstiodAbsent',
    expr: `absent(${ISTIOD_INFO})`,
    for: '5m',
    severity: 'critical',
    summary: 'No istiod reports metrics',
    description:
      'Prometheus finds no istiod. Running proxies keep their configuration, but it no longer changes, ' +
      'certificates are not renewed and pods that need a sidecar are not created.',
  };
}

function remoteRules(remotes: string[]): Rule[] {
  return [
    {
      alert: 'MeshClusterNotSynced',
      expr: `${clustersSynced(remotes)} == 0`,
      for: '5m',
      severity: 'critical',
      summary: 'istiod has not synced cluster {{ $labels.cluster }}',
      description:
        'At least one istiod does not see the Services and pods of cluster {{ $labels.cluster }}. ' +
        "Check that its remote secret is in istio-system of the primary, that the secret's credentials are " +
        "accepted, and that the cluster's API server answers from there.",
    },
    {
      alert: 'MeshClusterUnknown',
      expr: clustersUnknown(remotes),
      for: '10m',
      severity: 'critical',
      summary: 'istiod does not know cluster {{ $labels.cluster }}',
      description:
        'The mesh declares cluster {{ $labels.cluster }}, but no istiod has been told of it. ' +
        'Check that its remote secret is in istio-system of the primary.',
    },
    {
      alert: 'MeshClusterSyncTimeout',
      expr: grown(SYNC_TIMEOUTS, 'cluster', WINDOW),
      for: '1m',
      severity: 'warning',
      summary: 'istiod started without cluster {{ $labels.cluster }}',
      description:
        'istiod stopped waiting for cluster {{ $labels.cluster }} and served its proxies without the ' +
        "cluster's endpoints.",
    },
  ];
}

function certificateRules(mesh: ResolvedMesh): Rule[] {
  const days = warningDays(mesh);
  return [
    ...expiryRules('MeshRootCertificateExpiring', 'root certificate', ROOT_EXPIRY, days.root),
    ...expiryRules(
      'MeshSigningCertificateExpiring',
      'certificate that istiod signs with',
      SIGNING_EXPIRY,
      days.signing,
    ),
  ];
}

/** A warning when `days` are left, and a critical alert when a quarter of them is. */
function expiryRules(alert: string, subject: string, timestamp: string, days: number): Rule[] {
  const levels = [
    { severity: 'warning', left: days },
    { severity: 'critical', left: days / 4 },
  ] as const;
  return levels.map(({ severity, left }) => ({
    alert,
    expr: `${timeLeft(timestamp)} < ${Math.round(left * DAY_SECONDS)}`,
    for: '1h',
    severity,
    summary: `Time left of the ${subject}: {{ $value | humanizeDuration }}`,
    description: `Once the ${subject} has ended, workloads no longer trust each other and mutual TLS fails.`,
  }));
}

function configRejected(): Rule {
  return {
    alert: 'MeshConfigRejected',
    expr: grown(REJECTS, 'type', WINDOW),
    for: '1m',
    severity: 'warning',
    summary: 'Proxies reject configuration of type {{ $labels.type }}',
    description:
      'Proxies refused about {{ $value | printf "%.0f" }} updates of type {{ $labels.type }} and go on with what they ' +
      'had. `istioctl proxy-status` names the proxies; an EnvoyFilter is the usual cause.',
  };
}
