import { addressesOf, MAX_NETWORK_CLUSTERS } from './network/addresses.js';
import { findPorts } from './ports.js';
import type { LabState, Level1Cluster, Level2Cluster } from './state.js';
import type { LabAddress, LabClusterRequest, LabLevel, LabUpOptions, Level1UpOptions } from './types.js';

const IP_RANGES_START = 64;

/** How many clusters the address ranges of each level have place for. */
export const MAX_CLUSTERS: Record<LabLevel, number> = { 1: IP_RANGES_START, 2: MAX_NETWORK_CLUSTERS };

/** What a new lab is to be. */
export async function planLab(options: LabUpOptions): Promise<LabState> {
  const common = { formatVersion: '1', generation: 0, complete: false } as const;
  if (options.level === 1) {
    const { level, binaries } = options;
    const address = addressOf(options);
    return { ...common, level, address, binaries, clusters: await planLevel1(options.clusters) };
  }
  const { level, binaries, host, images } = options;
  return { ...common, level, binaries, host, images, clusters: planLevel2(options.clusters) };
}

/** What the load balancer of level 1 answers. */
export const addressOf = ({ address }: Level1UpOptions): LabAddress => ({
  type: address?.type ?? 'hostname',
  value: address?.value ?? 'localhost',
});

const commonOf = (request: LabClusterRequest, index: number) => ({
  name: request.name,
  context: request.context ?? request.name,
  region: request.region ?? `region-${index + 1}`,
  ...(request.zone ? { zone: request.zone } : {}),
  primary: request.primary,
  stopped: false,
});

/** The mesh file's clusters, with ports that nobody else has. */
async function planLevel1(requests: LabClusterRequest[]): Promise<Level1Cluster[]> {
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

/** The mesh file's clusters, with the addresses that each has in the lab's own network. */
export function planLevel2(requests: LabClusterRequest[]): Level2Cluster[] {
  return requests.map((request, index) => ({
    level: 2,
    ...commonOf(request, index),
    index: index + 1,
    ...addressesOf(index + 1),
  }));
}
