import { readJson, writePrivateJson } from './files.js';
import type { LabLayout } from './layout.js';
import type { LabAddress, LabBinaries } from './types.js';

/** The ports of one cluster, found at its first start and kept for its life. All on 127.0.0.1. */
export interface ClusterPorts {
  apiServer: number;
  kwok: number;
  /** Where the agent answers for the istiod pods' 8080 and 15014: the targets of port-forwards. */
  debug: number;
  monitoring: number;
}

export interface ClusterState {
  name: string;
  context: string;
  region: string;
  /** Without one, the nodes are spread over `REGIONa` to `REGIONc`. */
  zone?: string;
  primary: boolean;
  ports: ClusterPorts;
  serviceCidr: string;
  /** The range that kwok takes pod addresses from; like the Services' it differs in each cluster. */
  podCidr: string;
  /** Set by `lab stop`. */
  stopped: boolean;
}

/** `lab.json`: what the lab is meant to be. The commands write it, the agent follows it. */
export interface LabState {
  formatVersion: '1';
  /** Grows with every write, so that a command can wait until the agent has seen its own. */
  generation: number;
  /** False until every cluster was ready once; a lab that never was is started anew. */
  complete: boolean;
  address: LabAddress;
  binaries: LabBinaries;
  clusters: ClusterState[];
}

export const readState = (lab: LabLayout) => readJson<LabState>(lab.state);

/** Writes the state with the next generation and gives it back. */
export async function writeState(lab: LabLayout, state: LabState): Promise<LabState> {
  const next = { ...state, generation: state.generation + 1 };
  await writePrivateJson(lab.state, next);
  return next;
}

const IP_RANGES_START = 64;

/** Ranges that do not overlap, for the clusters of a mesh on one network. `index` counts from 0. */
export function rangesOf(index: number): { serviceCidr: string; podCidr: string } {
  return {
    serviceCidr: `10.${IP_RANGES_START + index}.0.0/16`,
    podCidr: `10.${IP_RANGES_START * 2 + index}.0.1/16`,
  };
}

export const MAX_CLUSTERS = IP_RANGES_START;
