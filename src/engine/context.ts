import type { ClusterAccess } from '../facts/gather.js';
import type { TrustPort } from '../facts/trust.js';
import type { DesiredAction } from '../model/action.js';
import type { ObjectChecks } from '../model/checks.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Cacerts, Facts } from '../model/facts.js';
import type { Cluster, KubeObject } from '../model/kube.js';
import type { LintReading } from '../model/lint.js';
import type { Plan } from '../model/plan.js';
import type { PlanRequest } from '../model/request.js';
import type { JsonObject, ResolvedMesh } from '../model/resolved-mesh.js';
import type { InterruptedAction } from '../model/state.js';
import type { Observations } from '../observe/observe.js';
import type { KnownObjects } from '../observe/ours.js';
import type { BarePods } from '../observe/sidecars.js';

/** Makes certificates. Keys stay inside: only what goes into a Secret comes out. */
export interface CertificateIssuer {
  /** Makes and keeps a root; the certificate (PEM) is returned, the key is not. */
  createRoot(): Promise<{ certPem: string; fingerprint: string; notAfter: Date }>;
  issueIntermediate(cluster: string): Promise<{ cacerts: Cacerts; fingerprint: string; notAfter: Date }>;
  fingerprintsIn(bundle: string): string[];
}

/** Everything that the stages need from outside; made once per command by the wiring. */
export interface Context {
  /** Without clusters that are abandoned. */
  mesh: ResolvedMesh;
  access: Map<string, ClusterAccess>;
  clusters: Map<string, Cluster>;
  /** Reads YAML, as istioctl writes remote secrets. */
  parseYaml: (text: string) => unknown;
  render: (operator: JsonObject) => Promise<KubeObject[]>;
  checks: ObjectChecks;
  trust: TrustPort & CertificateIssuer;
  /** What the state file holds as ours. */
  known: KnownObjects;
  /** Addresses of those that a run of meshplan began to delete and did not see gone. */
  leaving?: ReadonlySet<string>;
  /** Addresses of those that a run began to apply and did not see come. */
  begun?: ReadonlySet<string>;
  /** Cluster → UID of its kube-system, as the state holds it. */
  identities: Record<string, string>;
  /** By UID, clusters of other environments: the name of the environment. */
  elsewhere?: ReadonlyMap<string, string>;
  /** What an earlier run began and did not end. */
  interrupted: readonly InterruptedAction[];
  /** Abandoned clusters that mesh.yaml still names, connected where the kubeconfig knows them. */
  givenUp: ReadonlyMap<string, Cluster | undefined>;
  /** Fenced clusters, connected where the kubeconfig knows them: drift alone asks them. */
  fenced: ReadonlyMap<string, Cluster | undefined>;
  /** What this run was asked beyond the declaration. */
  request: PlanRequest;
  /** What was found in mesh.yaml, whatever `spec.lint` makes of it, and by what it is judged. */
  lint: { found: readonly Diagnostic[]; now: Date; isStrict: boolean };
  /** Warnings of the wiring itself. */
  diagnostics: Diagnostic[];
}

/** What was seen and worked out on the way to a plan; an apply goes on from there. */
export interface Survey {
  facts: Facts;
  actions: DesiredAction[];
  observations: Observations;
  plan: Plan;
  /** Pods without a sidecar, by address of their workload. */
  bare?: ReadonlyMap<string, BarePods>;
  /** Rollouts that an earlier run began and that are not complete, by address: how far they are. */
  unfinished?: ReadonlyMap<string, string>;
  /** What lint rules asked of the clusters. */
  reading?: LintReading;
  /** Addresses that an apply must leave as they are, whatever it finds there when it looks again. */
  held?: ReadonlySet<string>;
}
