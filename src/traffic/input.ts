import type { OnApplyEvent } from '../model/events.js';
import type { Cluster } from '../model/kube.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';

/** A container of one pod. */
export interface PodContainer {
  namespace: string;
  pod: string;
  container: string;
}

export interface ExecOptions {
  /** Milliseconds until it is given up. */
  timeoutMs: number;
  signal: AbortSignal;
}

/** What a command in a pod wrote, and how it ended. */
export interface ExecResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Runs a command in a pod to its end. */
export type Exec = (
  cluster: string,
  target: PodContainer,
  command: string[],
  options: ExecOptions,
) => Promise<ExecResult>;

/** Who runs a test, so that the next one knows whether what it finds is a killed run's. */
export interface Holder {
  /** Stored with the test's namespaces; names process and machine. */
  text: string;
  /** True only where it is certain that the run which left this text has ended. */
  hasEnded(text: string): Promise<boolean>;
}

/** What `testTraffic` works with. */
export interface TrafficInput {
  mesh: ResolvedMesh;
  /** By name in mesh.yaml. */
  clusters: ReadonlyMap<string, Cluster>;
  /** Clusters that do not answer, with the reason: nothing is sent to them. */
  unreachable: ReadonlyMap<string, string>;
  exec: Exec;
  /** What holds `agnhost` and `curl`. */
  image: string;
  holder: Holder;
  /** Ends the test; what it made is removed all the same. */
  signal: AbortSignal;
  /** Milliseconds for which pods may take to become ready. */
  readyMs: number;
  onEvent: OnApplyEvent;
}
