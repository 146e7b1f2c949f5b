import { addressesOf, MAX_NETWORK_CLUSTERS } from './network/addresses.js';
import { findPorts } from './ports.js';
import type { Level1Cluster, Level2Cluster } from './state.js';
import type { LabClusterRequest, LabLevel } from './types.js';

const IP_RANGES_START = 64;

/** How many clusters the address ranges of each level have place for. */
export const MAX_CLUSTERS: Record<LabLevel, number> = { 1: IP_RANGES_START, 2: MAX_NETWORK_CLUSTERS };

const commonOf = (request: LabClusterRequest, index: number) => ({
  name: request.name,
  context: request.context ?? request.name,
  region: request.region ?? `region-${index + 1}`,
  ...(request.zone ? { zone: request.zone } : {}),
  primary: request.primary,
  stopped: false,
});

/** What a new lab's clusters will be: the mesh file's, with addresses and ports that nobody else has. */
export async function planLevel1(requests: LabClusterRequest[]): Promise<Level1Cluster[]> {
  const ports = await findPorts(requests.length * 4);
  return requests.map((request, index) => {
    const [apiServer = 0, kwok = 0, debug = 0, monitoring = 0] = ports.slice(index * 4);
    return {
      level: 1,
      ...commonOf(request, index),
      ports: { apiServer, kwok, debug, monitoring },
      serviceCidr: `10.${IP_RANGES_START + index}.0.0/16`,
      podCidr: `10.${IP_RANGES_START * 2 + index}.0.1/16`,
    };
  });
}

/** The same at level 2, where each cluster has addresses of its own. */
export function planLevel2(requests: LabClusterRequest[]): Level2Cluster[] {
  return requests.map((request, index) => ({
    level: 2,
    ...commonOf(request, index),
    index: index + 1,
    ...addressesOf(index + 1),
  }));
}
