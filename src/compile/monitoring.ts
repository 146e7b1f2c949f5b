import type { KubeObject } from '../model/kube.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { alertRules } from './monitoring/alerts.js';
import { dashboards } from './monitoring/dashboards/index.js';

const NAMESPACE = 'istio-system';

export interface MonitoringOptions {
  /** Whether the cluster serves `monitoring.coreos.com/v1` PrometheusRule. */
  prometheusRules: boolean;
  /** The primary that the objects are for. Left out: its istiod is taken to know every remote of the mesh. */
  primary?: string;
}

/**
 * What mesh.yaml's `monitoring` asks for on one primary: alert rules (a PrometheusRule where its CRD is
 * served, else a ConfigMap with a Prometheus rules file) and Grafana dashboards, each in a ConfigMap with the
 * label that Grafana's dashboard sidecar looks for.
 */
export function monitoringObjects(mesh: ResolvedMesh, options: MonitoringOptions): KubeObject[] {
  const remotes = remotesOf(mesh, options.primary);
  const objects: KubeObject[] = [];
  if (mesh.monitoring.alerts) {
    const rules = alertRules(mesh, remotes);
    objects.push(
      options.prometheusRules
        ? prometheusRule({ ...rules })
        : configMap('meshplan-alerts', 'mesh.rules.yaml', rules),
    );
  }
  if (mesh.monitoring.dashboards) {
    const files = dashboards(mesh, options.primary, remotes);
    objects.push(
      ...files.map(({ name, json }) =>
        configMap(`meshplan-dashboard-${name}`, `meshplan-${name}.json`, json, { grafana_dashboard: '1' }),
      ),
    );
  }
  return objects;
}

/** Sorted, so that the order of clusters in mesh.yaml changes nothing in the objects. */
function remotesOf(mesh: ResolvedMesh, primary: string | undefined): string[] {
  return mesh.clusters
    .filter(({ role }) => role === 'remote')
    .filter((cluster) => primary === undefined || cluster.primary === primary)
    .map(({ name }) => name)
    .sort();
}

function prometheusRule(spec: Record<string, unknown>): KubeObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'meshplan-alerts', namespace: NAMESPACE },
    spec,
  };
}

/** Holds one file. JSON is YAML too, so a rules file needs no YAML writer. */
function configMap(name: string, file: string, content: object, labels?: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE, ...(labels === undefined ? {} : { labels }) },
    data: { [file]: `${JSON.stringify(content, null, 2)}\n` },
  };
}
