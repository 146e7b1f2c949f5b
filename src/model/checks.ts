import type { Crd } from './crd.js';
import type { Severity } from './diagnostic.js';
import type { KubeObject } from './kube.js';

/** What Istio's own validation says of one object; `index` is its place in the list that was asked about. */
export interface IstioFinding {
  severity: Severity;
  index: number;
  message: string;
}

/** Checks of objects that no API server can be asked about yet; their adapters are istioctl and config. */
export interface ObjectChecks {
  /** Where a custom resource does not fit the CRD that brings its kind, in sentences. */
  againstCrd(crd: Crd, object: KubeObject): Promise<string[]>;
  /** Istio's validation of objects of its kinds. */
  istio(objects: KubeObject[]): Promise<IstioFinding[]>;
}
