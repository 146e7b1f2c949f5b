import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import { certificateRules } from './alerts/certificates.js';
import { clusterRules } from './alerts/clusters.js';
import { controlPlaneRules } from './alerts/control-plane.js';
import { proxyRules } from './alerts/proxies.js';
import type { AlertSeverity } from './alerts/rule.js';

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

/** The alert rules of one primary. `remotes` are the clusters that its istiod has to know. */
export function alertRules(mesh: ResolvedMesh, remotes: string[]): RulesFile {
  const rules = [
    ...controlPlaneRules(remotes),
    ...clusterRules(remotes),
    ...proxyRules(),
    ...certificateRules(mesh),
  ].map(({ severity, ...rule }) => ({
    alert: rule.alert,
    expr: rule.expr,
    for: rule.for,
    labels: { severity, mesh: mesh.name },
    annotations: { summary: rule.summary, description: rule.description },
  }));
  return { groups: [{ name: 'meshplan', rules }] };
}
