import { topologicalOrder } from '../graph/graph.js';
import type { DesiredAction } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import type { KubeObject } from '../model/kube.js';
import { actionId, ISTIO_NAMESPACE, labelled, protectedObject } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { type Charts, chartInputs, withUnknowns } from './charts.js';
import {
  controlPlaneAction,
  crdsAction,
  dataPlaneAction,
  exposureActions,
  inheritedNotes,
} from './control-plane.js';
import { withImplicitEdges } from './edges.js';
import { federationActions } from './federation.js';
import { kialiActions } from './kiali.js';
import { monitoringObjects } from './monitoring.js';
import { promotionNotes } from './moves.js';
import { namespaceActions } from './namespaces.js';
import { withoutRepeats } from './repeats.js';
import { trafficNotes } from './traffic/notes.js';
import { trafficObjects } from './traffic.js';
import { trustActions } from './trust.js';
import { workloadActions } from './workloads.js';

/**
 * The whole desired mesh as actions in an order that can be applied. Pure: the same mesh, facts and
 * charts give the same actions.
 * @throws InvalidInputError `conflicting-declaration`, where a manifest brings what the mesh itself needs otherwise.
 * @throws MeshplanError `graph-cycle`, `graph-unknown-node` (a defect, never the user's fault).
 */
export function compile(mesh: ResolvedMesh, facts: Facts, charts: Charts): DesiredAction[] {
  const unknowns = new Map(
    chartInputs(mesh, facts.addresses, facts.inherited).map((input) => [input.cluster, input.unknown]),
  );
  const prepared = new Map(
    mesh.clusters.map(({ name }) => [name, withUnknowns(charts[name] ?? [], unknowns.get(name))]),
  );
  const chartOf = (cluster: ResolvedCluster): KubeObject[] => prepared.get(cluster.name) ?? [];
  const primaries = mesh.clusters.filter((cluster) => cluster.role === 'primary');
  const remotes = mesh.clusters.filter((cluster) => cluster.role === 'remote');
  const actions = [
    ...namespaceActions(mesh),
    ...trustActions(mesh, facts),
    ...mesh.clusters.map((cluster) => crdsAction(cluster, chartOf(cluster))),
    ...primaries.flatMap((primary) => exposureActions(mesh, facts, primary)),
    ...primaries.map((primary) => ({
      ...controlPlaneAction(mesh, primary, chartOf(primary)),
      ...promotionNotes(facts, primary),
      ...inheritedNotes(facts.inherited?.[primary.name], primary),
    })),
    ...remotes.map((remote) => dataPlaneAction(facts, remote, chartOf(remote))),
    ...remotes.flatMap((remote) => federationActions(mesh, facts, remote)),
    ...workloadActions(mesh, facts),
    ...primaries.flatMap((primary) => trafficActions(mesh, primary)),
    ...primaries.flatMap((primary) => monitoringActions(mesh, facts, primary)),
    ...kialiActions(mesh, facts),
  ];
  const placed = actions.map((action) => {
    const cluster = mesh.clusters.find((item) => item.name === action.cluster);
    return cluster ? { source: cluster.source, ...action } : action;
  });
  const ordered = withImplicitEdges(withoutRepeats(placed));
  return topologicalOrder(ordered.map((action) => withLabels(action, mesh.name)));
}

const withLabels = (action: DesiredAction, mesh: string): DesiredAction => ({
  ...action,
  objects: action.objects.map((item) => ({ ...item, object: labelled(item.object, mesh) })),
});

/** Traffic rules live with the primary, whose istiod gives them to every proxy of its clusters. */
function trafficActions(mesh: ResolvedMesh, primary: ResolvedCluster): DesiredAction[] {
  return mesh.traffic.map((rule) => ({
    id: actionId.traffic(primary.name, rule.host),
    kind: 'traffic',
    cluster: primary.name,
    // istiod validates rules on the way in, so it must answer first.
    after: [actionId.controlPlane(primary.name)],
    purpose: `routing of ${rule.host} for all clusters of ${primary.name}`,
    source: rule.source,
    notes: trafficNotes(rule),
    objects: trafficObjects(rule).map((object) => ({
      cluster: primary.name,
      object: rule.preventDelete ? protectedObject(object) : object,
    })),
    waits: [],
  }));
}

function monitoringActions(mesh: ResolvedMesh, facts: Facts, primary: ResolvedCluster): DesiredAction[] {
  if (!mesh.monitoring.alerts && !mesh.monitoring.dashboards) return [];
  const cluster = facts.clusters[primary.name];
  const prometheusRules =
    cluster?.reachable === true && cluster.resources.some((resource) => resource.kind === 'PrometheusRule');
  return [
    {
      id: actionId.monitoring(primary.name),
      kind: 'monitoring',
      cluster: primary.name,
      after: [actionId.namespace(primary.name, ISTIO_NAMESPACE)],
      purpose: 'alerts and dashboards for the mesh',
      objects: monitoringObjects(mesh, { prometheusRules, primary: primary.name }).map((object) => ({
        cluster: primary.name,
        object,
      })),
      waits: [],
    },
  ];
}
