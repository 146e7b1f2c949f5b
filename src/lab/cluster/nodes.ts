import { ApiError } from '../../errors/index.js';
import type { Cluster, KubeObject } from '../../model/kube.js';
import type { ClusterState } from '../state.js';

/** Three, so that a control plane of three replicas can be spread over nodes and zones. */
const NODES = ['a', 'b', 'c'];

/** The cluster's nodes as kwok takes them over: by label and annotation. */
export function nodesOf(cluster: ClusterState): KubeObject[] {
  return NODES.map((letter, index) => {
    const name = `${cluster.name}-node-${index + 1}`;
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          type: 'kwok',
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'topology.kubernetes.io/region': cluster.region,
          'topology.kubernetes.io/zone': cluster.zone ?? `${cluster.region}${letter}`,
        },
        annotations: { 'kwok.x-k8s.io/node': 'fake' },
      },
    };
  });
}

/** Creates the nodes that are not there yet. */
export async function createNodes(api: Cluster, cluster: ClusterState): Promise<void> {
  await Promise.all(
    nodesOf(cluster).map(async (node) => {
      try {
        await api.request('/api/v1/nodes', { method: 'POST', body: node });
      } catch (error) {
        if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
      }
    }),
  );
}
