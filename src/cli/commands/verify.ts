import { setMaxListeners } from 'node:events';
import { ExitCode } from '../../errors/index.js';
import { type ClusterAccess, gatherFacts } from '../../facts/gather.js';
import type { Cluster } from '../../model/kube.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { VerifyReport } from '../../model/verify.js';
import { newNamespace } from '../../traffic/index.js';
import { verifyMesh } from '../../verify/index.js';
import type { ClusterFlags } from '../flags.js';
import { onInterrupt } from '../interrupt.js';
import { colorsFor, printResult } from '../output.js';
import { renderVerify } from '../render/verify-text.js';
import { type Wired, wire } from '../wiring.js';
import { showTraffic, staysText, type TrafficFlags, withTraffic } from './traffic.js';

export type VerifyFlags = ClusterFlags & TrafficFlags;

/** `meshplan verify`: evidence that the mesh works. */
export async function verify(flags: VerifyFlags): Promise<ExitCode> {
  const wired = await wire(flags);
  const namespace = newNamespace();
  const interrupt = flags.traffic
    ? onInterrupt(`Stopping, and removing namespace ${namespace}.`, () => staysText(namespace))
    : onInterrupt('Stopping.');
  try {
    const evidence = await collectEvidence(wired, interrupt.signal);
    const traffic = flags.traffic
      ? await showTraffic(wired, evidence, flags, { signal: interrupt.signal, namespace })
      : undefined;
    const report = traffic ? withTraffic(evidence, traffic) : evidence;
    if (flags.output === 'json') printResult(JSON.stringify(report, null, 2));
    else printResult(renderVerify(report, colorsFor(process.stdout, flags.color), flags.quiet));
    return report.ok ? ExitCode.done : ExitCode.failed;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    return ExitCode.interrupted;
  } finally {
    interrupt.done();
    wired.close();
  }
}

/**
 * Runs all checks with what a command has open already. `settleMs` is how long a check may be repeated
 * that can still come right, such as what istiod writes a moment after it has started; `clusters` are those
 * that are looked at, all of the mesh unless told.
 * @throws the signal's reason when it fires.
 */
export async function collectEvidence(
  wired: Wired,
  signal: AbortSignal,
  settleMs?: number,
  clusters: ResolvedCluster[] = wired.mesh.clusters,
): Promise<VerifyReport> {
  const { context, connections } = wired;
  // Every request listens.
  setMaxListeners(0, signal);
  const { connect } = await import('../../kube/http.js');
  const { createPortForward } = await import('../../kube/port-forward.js');
  const { loadYaml } = await import('../../kube/yaml.js');
  // What an apply has just made is part of the evidence, so the facts are read anew.
  const { facts } = await gatherFacts(context.mesh, interruptible(context.access, signal), context.trust);
  return verifyMesh({
    mesh: { ...context.mesh, clusters },
    clusters: context.clusters,
    facts,
    portForward: createPortForward(connections),
    connect,
    parseYaml: loadYaml,
    signal,
    // Of a part of the mesh it would miss what the rest has.
    ...(clusters.length === wired.mesh.clusters.length ? { analyze: wired.analyze } : {}),
    ...(settleMs === undefined ? {} : { settleMs }),
  });
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
