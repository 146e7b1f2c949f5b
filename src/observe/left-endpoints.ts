import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import type { DesiredObject } from '../model/action.js';
import type { ReachableCluster } from '../model/facts.js';
import type { Cluster, KubeObject, Unread } from '../model/kube.js';
import { ISTIO_NAMESPACE } from '../model/names.js';
import type { OwnedObject } from './observe.js';

const SERVICE = 'istiod';
const ENDPOINTS = { apiVersion: 'v1', kind: 'Endpoints' };
const SLICES = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
/** Controllers of Kubernetes; the second copies an Endpoints of a Service without a selector. */
const KEEPERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

/** Whether a controller keeps an EndpointSlice for the Service istiod. */
export const isKeptSlice = ({ kind, metadata: { namespace, labels } }: KubeObject): boolean =>
  kind === SLICES.kind &&
  namespace === ISTIO_NAMESPACE &&
  labels?.['kubernetes.io/service-name'] === SERVICE &&
  KEEPERS.includes(labels['endpointslice.kubernetes.io/managed-by'] ?? '');

/** Whether the Service istiod of a cluster is declared without a selector, as in a remote. */
const isWithoutSelector = ({ object: { kind, metadata, spec } }: DesiredObject) =>
  kind === 'Service' &&
  metadata.namespace === ISTIO_NAMESPACE &&
  metadata.name === SERVICE &&
  (spec as { selector?: unknown } | undefined)?.selector === undefined;

/**
 * What controllers made for the Service istiod of a former primary: its EndpointSlices, and its Endpoints, of which a
 * copy would come back. They leave both as they are once the Service has no selector, and nobody removes them.
 * `slices`: what has been listed already; without any nothing more is asked.
 */
export async function leftEndpoints(
  cluster: Cluster,
  facts: ReachableCluster,
  { desired, slices, unread }: { desired: DesiredObject[]; slices: OwnedObject[]; unread: Unread[] },
): Promise<OwnedObject[]> {
  if (slices.length === 0 || !desired.some(isWithoutSelector)) return [];
  const resource = resourceFor(facts.resources, ENDPOINTS);
  const ref = { cluster: cluster.name, ...ENDPOINTS, namespace: ISTIO_NAMESPACE, name: SERVICE };
  const object =
    resource &&
    (await orUnread(ref, unread, () => getObject(cluster, objectPath(resource, SERVICE, ISTIO_NAMESPACE))));
  return object ? [...slices, { cluster: cluster.name, object, resource }] : slices;
}

/** The EndpointSlices that controllers keep for the Service istiod now. */
export async function listKeptSlices(cluster: Cluster, facts: ReachableCluster): Promise<KubeObject[]> {
  const resource = resourceFor(facts.resources, SLICES);
  if (!resource) return [];
  const labelSelector = `kubernetes.io/service-name=${SERVICE}`;
  const found = await listObjects(cluster, resource, { namespace: ISTIO_NAMESPACE, labelSelector });
  return found.filter(isKeptSlice);
}
