import { ApiError } from '../../errors/index.js';
import type { Cluster, KubeObject } from '../../model/kube.js';
import type { ClusterState, Level1Cluster } from '../state.js';

/** Three, so that a control plane of three replicas can be spread over nodes and zones. */
const NODES = ['a', 'b', 'c'];

/** A node's name is a label's value as well, which has 63 characters at most. */
const MAX_LENGTH = 63;

/** The name of a cluster's node, counted from 1: after the cluster, as far as there is room for that. */
export function nodeName(cluster: { name: string }, number = 1): string {
  const end = `-node-${number}`;
  return `${cluster.name.slice(0, MAX_LENGTH - end.length).replace(/-+$/, '')}${end}`;
}

/** The names of all of a cluster's nodes. */
export const nodeNames = (cluster: ClusterState): string[] =>
  cluster.level === 1 ? NODES.map((_, index) => nodeName(cluster, index + 1)) : [nodeName(cluster)];

/** The cluster's nodes as kwok takes them over: by label and annotation. */
export function nodesOf(cluster: Level1Cluster): KubeObject[] {
  return NODES.map((letter, index) => {
    const name = nodeName(cluster, index + 1);
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
export async function createNodes(api: Cluster, cluster: Level1Cluster): Promise<void> {
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
