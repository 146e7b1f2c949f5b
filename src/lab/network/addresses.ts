/** The addresses of one cluster. No two clusters of a lab share any: the mesh is one flat network. */
export interface ClusterAddresses {
  /** The node's, at which the API server listens as well. */
  node: string;
  podCidr: string;
  serviceCidr: string;
  /** Of the cluster's DNS Service. */
  dns: string;
  /** The range for Services of type LoadBalancer; routed to the node. */
  loadBalancers: string;
}

const PODS_START = 100;
const SERVICES_START = 150;

/** Where the hub's bridge is; all nodes send to it what is for nobody they know, and it refuses that at once. */
export const HUB_ADDRESS = '172.30.0.254';
export const NODE_PREFIX_LENGTH = 24;

/** How many clusters the ranges below have place for. */
export const MAX_NETWORK_CLUSTERS = SERVICES_START - PODS_START - 1;

/** The addresses of a cluster, counted from 1. */
export function addressesOf(index: number): ClusterAddresses {
  return {
    node: `172.30.0.${index}`,
    podCidr: `10.${PODS_START + index}.0.0/16`,
    serviceCidr: `10.${SERVICES_START + index}.0.0/16`,
    dns: `10.${SERVICES_START + index}.0.10`,
    loadBalancers: `172.30.${index}.0/24`,
  };
}
