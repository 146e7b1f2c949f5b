import type { Check } from '../model/verify.js';

/** What an apply proved in one environment, as `apply --report` writes it. */
export interface ProofReport {
  formatVersion: '1';
  /** Over the canonical JSON of all other fields. */
  digest: string;
  /** The mesh ID. */
  mesh: string;
  /** The value of `--env`; left out where none was given. */
  environment?: string;
  /** When it was proved; ISO 8601, UTC. */
  time: string;
  /** The state that the apply left. */
  state: { lineage: string; serial: number };
  /** `declared`: of mesh.yaml; `istioctl`: by which the charts were rendered. */
  versions: { declared: string; istioctl: string };
  clusters: ProvedCluster[];
  /** What verify said after the apply; none of them failed. */
  checks: Omit<Check, 'hint'>[];
  /** By cluster, and in it by address without the cluster: the declared objects, see `contentOf`. */
  objects: ProvedObjects;
}

/** What tells clusters of two environments apart: their names, and the names of where they are. */
export interface Place {
  name: string;
  role: 'primary' | 'remote';
  primary: string;
  network: string;
  locality?: { region: string; zone?: string };
}

export interface ProvedCluster extends Place {
  /** UID of its Namespace kube-system. */
  uid: string;
  /** The API server's `gitVersion`. */
  kubernetes: string;
}

export type ProvedObjects = Record<string, Record<string, unknown>>;

/** An environment as far as it is compared. */
export interface Proven {
  mesh: string;
  clusters: Place[];
  objects: ProvedObjects;
}
