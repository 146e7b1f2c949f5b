/**
 * What the last runs did, as `meshplan.state.json` holds it: names and UIDs, never a value of any object.
 * Losing it costs no cluster: the next plan finds objects again by UID and label.
 */
export interface MeshState {
  formatVersion: '1';
  /** A UUID that stays the same for as long as one state succeeds another. */
  lineage: string;
  /** Counts the saves that changed something. */
  serial: number;
  /** The mesh ID (`metadata.name` of mesh.yaml). */
  mesh: string;
  /** By cluster name: the UID of its `kube-system` Namespace, which tells a cluster from any other. */
  clusters: Record<string, StateCluster>;
  /** By address, `CLUSTER/APIVERSION/KIND[/NAMESPACE]/NAME`. */
  objects: Record<string, StateObject>;
  /** `root`, or the name of the cluster whose intermediate certificate it is. */
  certificates: Record<string, StateCertificate>;
}

export interface StateCluster {
  uid: string;
}

/** `applying` and `deleting` mean that the run may have ended in between: the live object decides. */
export type ObjectPhase = 'applying' | 'applied' | 'deleting';

export interface StateObject {
  uid: string;
  phase: ObjectPhase;
  /** The id of the action that made it, e.g. `cluster-1/control-plane`. */
  action: string;
}

/** The public face of a certificate. */
export interface StateCertificate {
  /** SHA-256 of the DER form, lower-case hexadecimal, no colons. */
  fingerprint: string;
  /** ISO 8601, UTC. */
  notAfter: string;
}

/** An action that an earlier run began and did not end, as the journal has it. */
export interface InterruptedAction {
  action: string;
  /** When it was begun; ISO 8601, UTC. */
  time: string;
  phase: 'applying' | 'deleting';
  /** The addresses that it may have touched. */
  objects: string[];
}
