import { setMaxListeners } from 'node:events';
import { type ClusterAccess, gatherFacts } from '../facts/gather.js';
import type { Facts } from '../model/facts.js';
import type { Cluster } from '../model/kube.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import type { VerifyReport } from '../model/verify.js';
import { type KeptFacts, type VerifyInput, verifyMesh } from '../verify/index.js';
import type { Wired } from './wiring.js';

/** Milliseconds: how long a check may be repeated that can still come right, and how long a request may take. */
export interface Bounds {
  settleMs?: number;
  timeoutMs?: number;
}

/** Looks at a mesh, one after the other, that share their connections and what stays as it is. */
export interface Looks {
  /** All checks. @throws the signal's reason when it fires. */
  whole(signal: AbortSignal, bounds?: Bounds): Promise<VerifyReport>;
  /** Those of what changes by itself alone, after a whole look. @throws the signal's reason when it fires. */
  status(signal: AbortSignal, bounds: Bounds): Promise<VerifyReport>;
  /** Ends the port-forwards. */
  close(): void;
}

/**
 * @param clusters those that are looked at, all of the mesh unless told.
 * @param forwardMs milliseconds for each request through a port-forward.
 */
export async function openLooks(
  { mesh, context, connections, analyze }: Wired,
  clusters: ResolvedCluster[] = mesh.clusters,
  forwardMs?: number,
): Promise<Looks> {
  const { connect } = await import('../kube/http.js');
  const { openPortForwards } = await import('../kube/port-forward.js');
  const { loadYaml } = await import('../kube/yaml.js');
  const forwards = openPortForwards(connections, forwardMs);
  const kept: KeptFacts = new Map();
  let known: Facts | undefined;
  const look = (facts: Facts, signal: AbortSignal, more: Partial<VerifyInput>) =>
    verifyMesh({
      mesh: { ...context.mesh, clusters },
      clusters: context.clusters,
      facts,
      portForward: forwards.get,
      connect,
      parseYaml: loadYaml,
      signal,
      kept,
      ...more,
    });
  const whole: Looks['whole'] = async (signal, bounds = {}) => {
    // Every request listens.
    setMaxListeners(0, signal);
    // What an apply has just made is part of the evidence, so the facts are read anew.
    known = (await gatherFacts(context.mesh, interruptible(context.access, signal), context.trust)).facts;
    // Of a part of the mesh it would miss what the rest has.
    const isAll = clusters.length === mesh.clusters.length;
    return look(known, signal, { ...bounds, ...(isAll ? { analyze } : {}) });
  };
  return {
    whole,
    status: (signal, bounds) =>
      known ? look(known, signal, { ...bounds, statusOnly: true }) : whole(signal, bounds),
    close: forwards.close,
  };
}

/** The clusters with every request ended by the signal; one that hangs would be waited for otherwise. */
function interruptible(access: Map<string, ClusterAccess>, signal: AbortSignal): Map<string, ClusterAccess> {
  return new Map(
    [...access].map(([name, connection]) => {
      const { cluster } = connection;
      const request: Cluster['request'] = (path, options) => cluster.request(path, { signal, ...options });
      return [name, { ...connection, cluster: { ...cluster, request } }] as const;
    }),
  );
}
