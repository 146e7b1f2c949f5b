import { objectPath } from '../cluster/paths.js';
import { applyObject } from '../cluster/write.js';
import { MeshplanError } from '../errors/index.js';
import type { ApplyEvent } from '../model/events.js';
import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import type { TrafficInput } from './input.js';
import { KINDS } from './kinds.js';
import { CLIENT } from './names.js';
import { hasSidecar } from './sidecar.js';

/** What the steps of one test share. */
export interface TestContext extends TrafficInput {
  namespace: string;
  /** The test's pods by cluster, where all are ready. Filled while the test is set up. */
  pods: Map<string, KubeObject[]>;
  /** Clusters of which the matrix has shown that requests fail; none before. */
  unanswered: ReadonlySet<string>;
}

/** The pod from which a cluster's requests are sent; empty where there is none. */
export const clientOf = ({ pods }: TestContext, cluster: string): string =>
  pods.get(cluster)?.find(({ metadata }) => metadata.labels?.app === CLIENT)?.metadata.name ?? '';

/** Pods of a cluster that istiod has given no proxy. */
export const withoutSidecar = ({ pods }: TestContext, cluster: string): string[] =>
  (pods.get(cluster) ?? []).filter((pod) => !hasSidecar(pod)).map(({ metadata }) => metadata.name);

/** Why nothing can be sent from or to a cluster; undefined where it can. */
export function whyIdle({ pods, unreachable }: TestContext, cluster: string): string | undefined {
  if (unreachable.has(cluster)) return `${cluster} cannot be reached`;
  return pods.has(cluster) ? undefined : `the test pods of ${cluster} are not ready`;
}

/**
 * Why nothing can be said of how a cluster's requests are routed; undefined where it can. Each request that gets
 * no answer takes its full time, so to count hundreds would take as many minutes as there are dozens.
 */
export const whyUntold = (context: TestContext, cluster: string): string | undefined =>
  whyIdle(context, cluster) ??
  (context.unanswered.has(cluster) ? `requests from ${cluster} fail: see its row in the matrix` : undefined);

/** @throws MeshplanError `cluster-unreachable` */
export function clusterOf({ clusters }: TrafficInput, name: string): Cluster {
  const cluster = clusters.get(name);
  if (!cluster) throw new MeshplanError('cluster-unreachable', `${name}: no connection was opened`);
  return cluster;
}

/** The cluster, with every request ended by the test's signal. */
export function interruptible(input: TrafficInput, name: string): Cluster {
  const cluster = clusterOf(input, name);
  const { signal } = input;
  return { ...cluster, request: (path, options) => cluster.request(path, { signal, ...options }) };
}

/** Server-side apply of one object of the test, which nobody else has a say in. */
export const put = (cluster: Cluster, object: KubeObject): Promise<unknown> =>
  applyObject(cluster, KINDS[object.kind as keyof typeof KINDS], object, { force: true });

/** Merge-patches fields of one object of the test. */
export const patch = (
  cluster: Cluster,
  resource: ApiResource,
  { name, namespace }: { name: string; namespace: string },
  body: unknown,
): Promise<unknown> =>
  cluster.request(objectPath(resource, name, namespace), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body,
  });

/** Tells one step's beginning, its course and its end. */
export interface Step {
  progress(message: string): void;
  done(message: string): void;
  failed(message: string): void;
  skipped(message: string): void;
}

export function beginStep({ onEvent }: TrafficInput, step: string, message: string): Step {
  const begun = performance.now();
  const tell = (type: ApplyEvent['type'], text: string, more: Partial<ApplyEvent> = {}) =>
    onEvent({ time: new Date().toISOString(), type, action: step, message: text, ...more });
  const end = (type: ApplyEvent['type']) => (text: string) =>
    tell(type, text, { durationMs: Math.round(performance.now() - begun) });
  tell('action.started', message);
  return {
    progress: (text) => tell('action.progress', text),
    done: end('action.done'),
    failed: end('action.failed'),
    skipped: end('action.skipped'),
  };
}
