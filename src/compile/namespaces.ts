import type { DesiredAction } from '../model/action.js';
import type { KubeObject } from '../model/kube.js';
import {
  actionId,
  CONTROL_PLANE_CLUSTERS,
  INJECTION_LABEL,
  ISTIO_NAMESPACE,
  NETWORK_LABEL,
  namespaced,
  protectedObject,
  REVISION_LABEL,
} from '../model/names.js';
import type { Injection, ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

/** Istio's own namespace in every cluster, and the declared ones where they are declared. */
export function namespaceActions(mesh: ResolvedMesh): DesiredAction[] {
  const own = mesh.clusters.map((cluster) =>
    withQuota(
      namespaceAction(cluster, systemNamespace(cluster), 'home of Istio, with the network of the cluster'),
      cluster,
    ),
  );
  const declared = mesh.namespaces.flatMap((namespace) =>
    mesh.clusters
      .filter((cluster) => namespace.clusters.includes(cluster.name))
      .map((cluster) => {
        const object = namespaceObject(
          namespace.name,
          { ...namespace.labels, ...injectionLabels(namespace.injection) },
          namespace.annotations,
        );
        const kept = namespace.preventDelete ? protectedObject(object) : object;
        const purpose = purposeOf(namespace.injection);
        return { ...namespaceAction(cluster, kept, purpose), source: namespace.source };
      }),
  );
  return [...own, ...declared];
}

/** One label only: a namespace that has both gets sidecars of the default revision. */
function injectionLabels(injection: Injection): Record<string, string> {
  if (typeof injection === 'object') return { [REVISION_LABEL]: injection.revision };
  return injection ? { [INJECTION_LABEL]: 'enabled' } : {};
}

function purposeOf(injection: Injection): string {
  if (!injection) return 'namespace';
  const revision = typeof injection === 'object' ? ` of revision ${injection.revision}` : '';
  return `namespace whose pods get a sidecar${revision}`;
}

/**
 * istiod reads the annotation once, when the cluster is added, to learn that it leads there; so it
 * must be there before the remote secret (Istio `multicluster.go`, checkShouldLead).
 */
function systemNamespace(cluster: ResolvedCluster): KubeObject {
  const annotations = cluster.role === 'remote' ? { [CONTROL_PLANE_CLUSTERS]: cluster.primary } : {};
  return namespaceObject(ISTIO_NAMESPACE, { [NETWORK_LABEL]: cluster.network }, annotations);
}

/** Bounds are there before istiod's pods are, for they do not end pods that exist. */
function withQuota(action: DesiredAction, { name, role, controlPlane }: ResolvedCluster): DesiredAction {
  const { quota } = controlPlane;
  if (role !== 'primary' || quota === undefined) return action;
  const bounds = [
    namespaced('v1', 'ResourceQuota', ISTIO_NAMESPACE, ISTIO_NAMESPACE, { spec: { hard: quota.hard } }),
    ...(quota.limits
      ? [
          namespaced('v1', 'LimitRange', ISTIO_NAMESPACE, ISTIO_NAMESPACE, {
            spec: { limits: [{ type: 'Container', ...quota.limits }] },
          }),
        ]
      : []),
  ];
  return { ...action, objects: [...action.objects, ...bounds.map((object) => ({ cluster: name, object }))] };
}

function namespaceObject(
  name: string,
  labels: Record<string, string>,
  annotations: Record<string, string>,
): KubeObject {
  const metadata = { name, labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
  return { apiVersion: 'v1', kind: 'Namespace', metadata };
}

function namespaceAction(cluster: ResolvedCluster, object: KubeObject, purpose: string): DesiredAction {
  return {
    id: actionId.namespace(cluster.name, object.metadata.name),
    kind: 'namespace',
    cluster: cluster.name,
    after: [],
    purpose,
    objects: [{ cluster: cluster.name, object }],
    waits: [],
  };
}
