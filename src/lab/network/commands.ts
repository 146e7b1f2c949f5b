import { addressesOf, HUB_ADDRESS, NODE_PREFIX_LENGTH } from './addresses.js';
import type { NetworkNames } from './names.js';

/** What `ip -batch` reads, for each namespace. Pure. */

const BRIDGE = 'hub';
const countFrom1 = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
/** The hub's end of a cluster's cable. */
const portOf = (index: number) => `c${index}`;

/**
 * The hub: a bridge, and a cable to each cluster. Both ends come into being inside the namespaces, so no
 * interface shows on the host for even a moment.
 */
export function hubCommands(names: NetworkNames, clusters: number): string[] {
  return [
    'link set lo up',
    `link add ${BRIDGE} type bridge`,
    `address add ${HUB_ADDRESS}/${NODE_PREFIX_LENGTH} dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
    ...countFrom1(clusters).flatMap((index) => [
      `link add ${portOf(index)} type veth peer name eth0 netns ${names.cluster(index)}`,
      `link set ${portOf(index)} master ${BRIDGE} up`,
      ...routesTo(index),
    ]),
  ];
}

/** One cluster's node: its address, and routes to the pods and load balancers of the others. */
export function clusterCommands(index: number, clusters: number): string[] {
  const { node, podCidr, loadBalancers } = addressesOf(index);
  return [
    'link set lo up',
    `address add ${node}/${NODE_PREFIX_LENGTH} dev eth0`,
    'link set eth0 up',
    `route add default via ${HUB_ADDRESS}`,
    // Each pod brings a route of its own. What is for one that is gone must not go back to the hub, nor what is
    // for a load balancer that kube-proxy does not know; it has put pods in the place of the others by now.
    `route add unreachable ${podCidr}`,
    `rule add iif eth0 to ${loadBalancers} unreachable`,
    ...countFrom1(clusters)
      .filter((other) => other !== index)
      .flatMap(routesTo),
  ];
}

function routesTo(index: number): string[] {
  const { node, podCidr, loadBalancers } = addressesOf(index);
  return [`route add ${podCidr} via ${node}`, `route add ${loadBalancers} via ${node}`];
}
