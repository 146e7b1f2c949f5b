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
  const [declared, current] = [object, live].map(
    ({ spec }) => (spec as { replicas?: number } | undefined)?.replicas,
  );
  if (object.kind !== 'Deployment' || declared === undefined || declared === current) return false;
  const { name, namespace } = live.metadata;
  try {
    const scalers = await listObjects(cluster, AUTOSCALERS, namespace ? { namespace } : {});
    return scalers.some(({ spec }) => {
      const { scaleTargetRef } = spec as { scaleTargetRef: { kind: string; name: string } };
      return scaleTargetRef.kind === 'Deployment' && scaleTargetRef.name === name;
    });
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return false;
    throw error;
  }
}
