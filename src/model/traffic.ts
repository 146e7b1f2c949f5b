import type { Check } from './verify.js';

/** What the pods of a test run: Kubernetes' own test server, which also has curl. */
export const DEFAULT_TRAFFIC_IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.66.1';

/** The id of the checks that are the cells of the matrix. */
export const TRAFFIC_REQUEST = 'traffic-request';

/** Why a cell of the matrix failed, each with a hint in `src/traffic/reasons.ts`. Documented in docs/traffic.md. */
export const TRAFFIC_REASONS = [
  'no-sidecar',
  'dns',
  'no-endpoint',
  'no-route',
  'tls',
  'refused',
  'reset',
  'timeout',
  'denied',
  'http-status',
  'wrong-cluster',
  'plaintext',
  'identity',
  'exec',
] as const;

export type TrafficReason = (typeof TRAFFIC_REASONS)[number];

/** The first failure of a cell, put into words. */
export interface TrafficFailure {
  reason: TrafficReason;
  /** What was seen: status, the proxy's response flags, curl's or the API server's words. */
  detail: string;
  hint: string;
}

/** Milliseconds from curl's start of a request to its last byte, as the client saw it. */
export interface Latency {
  median: number;
  max: number;
}

/** What happened to the requests from one cluster to the servers of one cluster. */
export interface TrafficCell {
  from: string;
  to: string;
  /** `skip`: nothing was sent, for `skipped` says why. */
  status: 'pass' | 'fail' | 'skip';
  /** Requests sent. */
  requests: number;
  /** Those of them that were answered with 200 by a server of `to`. */
  answered: number;
  /** Answers by the cluster whose server gave them. */
  servers: Record<string, number>;
  /** The client as the server knew it by its certificate (SPIFFE); left out where it saw none. */
  identity?: string;
  latencyMs?: Latency;
  failure?: TrafficFailure;
  skipped?: string;
}

/** What `verify --traffic` found. */
export interface TrafficReport {
  /** The namespace in which it ran; it is gone again, or `checks` say so. */
  namespace: string;
  image: string;
  matrix: TrafficCell[];
  /** The same findings and those of the routes as claims with evidence. */
  checks: Check[];
}
