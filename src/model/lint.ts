import type { Diagnostic, Severity, SourceRange } from './diagnostic.js';
import type { KubeObject, Unread } from './kube.js';

/** What mesh.yaml makes of a lint rule. */
export type LintSeverity = Severity | 'off';

/** A finding, or several, that are meant to be as they are until a day. */
export interface LintWaiver {
  rule: string;
  /** A glob over the subjects of the rule's findings; left out: all of them. */
  subject?: string;
  reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`, UTC. */
  expires: string;
  source: SourceRange;
  /** Where its last day is written. */
  expiresAt: SourceRange;
}

/** `spec.lint`. */
export interface LintPolicy {
  /** By rule; a rule that is not in here has its default. */
  severities: Readonly<Record<string, LintSeverity>>;
  waivers: readonly LintWaiver[];
}

/** A finding that a waiver keeps from being told. */
export interface WaivedFinding extends Omit<Diagnostic, 'severity'> {
  /** Why, and until when, as the waiver says. */
  waiver: { reason: string; expires: string };
}

/** A Service of one cluster, by its full DNS name. */
export interface HostInCluster {
  cluster: string;
  host: string;
}

/** What rules want to know of the clusters; nothing else is asked for them. */
export interface LintNeeds {
  /** Primaries whose VirtualServices and DestinationRules are listed. */
  rules: string[];
  /** Clusters whose nodes are listed. */
  nodes: string[];
  services: HostInCluster[];
  /** Pods behind a host, by the labels that its Service asks for. */
  pods: (HostInCluster & { selector: string })[];
}

/** What the clusters said. What they did not show is in no map, and noted. */
export interface LintReading {
  /** By cluster. */
  rules: Map<string, KubeObject[]>;
  nodes: Map<string, KubeObject[]>;
  /** By `keyOf`; undefined where there is none. */
  services: Map<string, KubeObject | undefined>;
  pods: Map<string, KubeObject[]>;
  unread: Unread[];
}

export const keyOf = ({ cluster, host }: HostInCluster): string => `${cluster} ${host}`;
