import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { lastEvent } from './events.js';
import type { Look } from './poll.js';
import { getObject, listObjects } from './read.js';

interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
}

/** Whether every replica of a Deployment runs its newest form and is available. */
export async function lookForDeployment(
  { namespace, name }: { namespace: string; name: string },
  cluster: Cluster,
): Promise<Look<true>> {
  const live = await getObject(cluster, `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  if (!live) return { pending: `Deployment ${namespace}/${name} does not exist` };
  const status = (live.status ?? {}) as DeploymentStatus;
  const { replicas = 1 } = live.spec as { replicas?: number };
  const { generation } = live.metadata as { generation?: number };
  if ((status.observedGeneration ?? 0) < (generation ?? 0))
    return { pending: 'the controller has not seen it yet' };
  const updated = status.updatedReplicas ?? 0;
  const available = status.availableReplicas ?? 0;
  if (updated >= replicas && available >= replicas && (status.replicas ?? 0) <= updated)
    return { value: true };
  const pods = await childrenOf(live, PODS, cluster);
  const why = failureOf(status) ?? podTrouble(pods);
  return {
    pending: `${available} of ${replicas} available${why ? ` (${why})` : ''}`,
    explain: async () =>
      lastEvent(cluster, [
        live,
        ...newest(await childrenOf(live, REPLICA_SETS, cluster)),
        ...newest(pods.filter(troubleOf)),
      ]),
  };
}

/** Whether pods of a Deployment are missing because the API server could not ask Istio's injector about them. */
export function isRefusedByInjector(deployment: KubeObject): boolean {
  return INJECTOR_FAILURE.test(failureOf((deployment.status ?? {}) as DeploymentStatus) ?? '');
}

/** Of the API server; the names of Istio's injection webhooks end so. */
const INJECTOR_FAILURE = /failed calling webhook "\S*sidecar-injector\.istio\.io"/;

function failureOf(status: DeploymentStatus): string | undefined {
  const failure = status.conditions?.find((item) => item.type === 'ReplicaFailure' && item.status === 'True');
  return failure && `${failure.reason}: ${failure.message}`;
}

const PODS: ApiResource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, verbs: [] };
export const REPLICA_SETS: ApiResource = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
  verbs: [],
};

/** Objects that a Deployment's selector fits: its ReplicaSets, its pods. */
export function childrenOf(
  deployment: KubeObject,
  resource: ApiResource,
  cluster: Cluster,
): Promise<KubeObject[]> {
  const { selector } = deployment.spec as { selector?: { matchLabels?: Record<string, string> } };
  const labelSelector = Object.entries(selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const { namespace = '' } = deployment.metadata;
  return listObjects(cluster, resource, { namespace, labelSelector });
}

function newest(objects: KubeObject[]): KubeObject[] {
  const madeAt = ({ metadata }: KubeObject) => metadata.creationTimestamp ?? '';
  return [...objects].sort((one, other) => madeAt(other).localeCompare(madeAt(one))).slice(0, 1);
}

interface PodStatus {
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
}

interface ContainerStatus {
  name: string;
  ready?: boolean;
  state?: { waiting?: { reason?: string; message?: string } };
}

/** Why the first pod that is not ready is not. */
function podTrouble(pods: KubeObject[]): string | undefined {
  if (pods.length === 0) return 'no pod yet';
  return pods.map(troubleOf).find((trouble) => trouble !== undefined);
}

function troubleOf(pod: KubeObject): string | undefined {
  const status = (pod.status ?? {}) as PodStatus;
  // Istio's proxy is an init container, for which the others wait.
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const waiting = containers.find((item) => item.state?.waiting?.reason);
  if (waiting)
    return `pod ${pod.metadata.name}, container ${waiting.name}: ${waiting.state?.waiting?.reason}`;
  const trouble = status.conditions?.find((item) => item.status === 'False' && item.reason);
  if (!trouble) return undefined;
  return `pod ${pod.metadata.name}: ${trouble.reason}${trouble.message ? `, ${trouble.message}` : ''}`;
}
