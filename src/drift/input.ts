import type { DesiredAction } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import type { KubeObject } from '../model/kube.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import type { SyncReading } from '../model/verify.js';
import type { FencedReading } from '../observe/fenced.js';
import type { MeaningReading } from '../observe/meaning.js';
import type { Observation } from '../observe/observe.js';

/** What the PKI adapter tells about certificates; given in, for stages import no adapter. */
export interface CertificatePort {
  fingerprintsIn(bundle: string): string[];
  /** Soundness of a Secret cacerts: complete, matching, chained to its root, not near its end. */
  check(cacerts: Record<string, string>): { problems: { code: string; message: string }[] };
}

/** All that drift is judged by; no cluster is asked any more. */
export interface DriftInput {
  mesh: ResolvedMesh;
  facts: Facts;
  actions: DesiredAction[];
  /** By address. */
  observations: ReadonlyMap<string, Observation>;
  meaning: MeaningReading;
  sync: SyncReading[];
  /** Fenced clusters that answer. */
  fenced: FencedReading[];
  certificates: CertificatePort;
  /** Fingerprint of the root that the mesh is meant to have; missing where nobody knows it. */
  root?: string;
  now: Date;
}

/** The live form of a declared object, where it is there. */
export function liveAt(input: DriftInput, address: string): KubeObject | undefined {
  const seen = input.observations.get(address);
  return seen && 'live' in seen ? seen.live : undefined;
}
