import type { ApiResource, Cluster, KubeObject } from '../../model/kube.js';
import { listObjects } from '../read.js';

export const PODS: ApiResource = {
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  verbs: [],
};
export const REPLICA_SETS: ApiResource = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
  verbs: [],
};

/** Objects that a workload's selector fits: its pods, or the ReplicaSets of a Deployment. */
export function childrenOf(
  { metadata: { namespace = '' }, spec }: KubeObject,
  resource: ApiResource,
  cluster: Cluster,
): Promise<KubeObject[]> {
  const { selector } = spec as { selector?: Selector };
  return listObjects(cluster, resource, { namespace, labelSelector: selectorText(selector ?? {}) });
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A selector in the form of a query. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: Selector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator.toLowerCase()} (${values.join(',')})`;
  });
  return [...labels, ...expressions].join(',');
}

/** By the time at which they were made, the last before the others. */
export const newestFirst = (objects: readonly KubeObject[]): KubeObject[] => {
  const madeAt = ({ metadata }: KubeObject) => metadata.creationTimestamp ?? '';
  return objects.toSorted((one, other) => madeAt(other).localeCompare(madeAt(one)));
};
