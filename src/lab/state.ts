import { ExitCode, MeshplanError } from '../errors/index.js';
import type { BinaryPaths } from './binaries/types.js';
import { readJson, writePrivateJson } from './files.js';
import type { HostTools } from './host-needs.js';
import type { ImageArchive } from './images/types.js';
import type { LabLayout } from './layout.js';
import type { LabAddress } from './types.js';

/** The ports of one level-1 cluster, found at its first start and kept for its life. All on 127.0.0.1. */
export interface ClusterPorts {
  apiServer: number;
  kwok: number;
  /** Where the agent answers for the istiod pods' 8080 and 15014: the targets of port-forwards. */
  debug: number;
  monitoring: number;
}

interface CommonClusterState {
  name: string;
  context: string;
  region: string;
  /** Without one it is `REGIONa`; level 1 spreads its nodes up to `REGIONc`. */
  zone?: string;
  primary: boolean;
  serviceCidr: string;
  /** The range that pods get their addresses from; like the Services' it differs in each cluster. */
  podCidr: string;
  /** Set by `lab stop`. */
  stopped: boolean;
}

export interface Level1Cluster extends CommonClusterState {
  level: 1;
  ports: ClusterPorts;
}

export interface Level2Cluster extends CommonClusterState {
  level: 2;
  /** Counts from 1, in the order of the mesh file: names and addresses follow from it. */
  index: number;
  /** The address of the node, and of the API server on it. */
  node: string;
  /** The address of the DNS Service. */
  dns: string;
  /** The range for Services of type LoadBalancer. */
  loadBalancers: string;
}

export type ClusterState = Level1Cluster | Level2Cluster;

interface CommonLabState {
  formatVersion: '1';
  /** Grows with every write, so that a command can wait until the agent has seen its own. */
  generation: number;
  /** False until every cluster was ready once; a lab that never was is started anew. */
  complete: boolean;
}

export interface Level1State extends CommonLabState {
  level: 1;
  address: LabAddress;
  binaries: BinaryPaths<1>;
  clusters: Level1Cluster[];
}

export interface Level2State extends CommonLabState {
  level: 2;
  binaries: BinaryPaths<2>;
  host: HostTools;
  images: ImageArchive[];
  clusters: Level2Cluster[];
}

/** `lab.json`: what the lab is meant to be. The commands write it, the agent follows it. */
export type LabState = Level1State | Level2State;

export const readState = (lab: LabLayout) => readJson<LabState>(lab.state);

/** Writes the state with the next generation and gives it back. */
export async function writeState(lab: LabLayout, state: LabState): Promise<LabState> {
  const next = { ...state, generation: state.generation + 1 };
  await writePrivateJson(lab.state, next);
  return next;
}

/** The cluster of that name. @throws MeshplanError `lab-unknown-cluster` (exit code 3). */
export function clusterOf<C extends ClusterState>(clusters: readonly C[], name: string): C {
  const found = clusters.find((cluster) => cluster.name === name);
  if (found) return found;
  throw new MeshplanError('lab-unknown-cluster', `the lab has no cluster ${name}`, {
    hint: `It has: ${clusters.map((cluster) => cluster.name).join(', ')}.`,
    exitCode: ExitCode.invalid,
  });
}
