/** How one cluster stands in the mesh, read after a run that did not finish. */
export interface Standing {
  cluster: string;
  role: 'primary' | 'remote';
  /** The primary that serves the cluster; a primary names itself. */
  primary: string;
  points: StandingPoint[];
}

/** One thing that must hold. `holds` is undefined where the cluster could not be asked. */
export interface StandingPoint {
  claim: string;
  holds: boolean | undefined;
  /** What was seen instead. */
  why?: string;
}
