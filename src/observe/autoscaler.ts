import { listObjects } from '../cluster/read.js';
import { ApiError } from '../errors/index.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';

const AUTOSCALERS: ApiResource = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced: true,
  verbs: [],
};

/**
 * Whether an autoscaler is set on a Deployment whose number of replicas differs from the declared one. It
 * decides the number even after a scale by hand, which managedFields show as kubectl's. Asked only where it
 * matters; who may not list autoscalers sees the number as any other field.
 */
export async function hasAutoscaler(
  cluster: Cluster,
  object: KubeObject,
  live: KubeObject,
): Promise<boolean> {
  const declared = replicasOf(object);
  if (object.kind !== 'Deployment' || declared === undefined || declared === replicasOf(live)) return false;
  const { namespace } = live.metadata;
  try {
    const scalers = await listObjects(cluster, AUTOSCALERS, namespace ? { namespace } : {});
    return scalers.some((scaler) => decides(scaler, live));
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return false;
    throw error;
  }
}

/**
 * Whether a HorizontalPodAutoscaler decides the replicas of a Deployment in its namespace. It leaves one
 * without any alone, so that nobody would bring that back; but what owns an autoscaler, such as KEDA, may
 * have scaled to none on purpose.
 */
export function decides(scaler: KubeObject, deployment: KubeObject): boolean {
  const { scaleTargetRef } = scaler.spec as { scaleTargetRef: { kind: string; name: string } };
  const isSet = scaleTargetRef.kind === 'Deployment' && scaleTargetRef.name === deployment.metadata.name;
  return isSet && (replicasOf(deployment) !== 0 || scaler.metadata.ownerReferences !== undefined);
}

const replicasOf = ({ spec }: KubeObject) => (spec as { replicas?: number } | undefined)?.replicas;
