import { ExitCode } from '../../errors/index.js';
import { gatherFacts } from '../../facts/gather.js';
import { verifyMesh } from '../../verify/index.js';
import type { ClusterFlags } from '../flags.js';
import { onInterrupt } from '../interrupt.js';
import { colorsFor, printResult } from '../output.js';
import { renderVerify } from '../render/verify-text.js';
import { type Wired, wire } from '../wiring.js';

/** `meshplan verify`: evidence that the mesh works. */
export async function verify(flags: ClusterFlags): Promise<ExitCode> {
  const wired = await wire(flags);
  const interrupt = onInterrupt('Stopping.');
  try {
    return await verifyWired(wired, flags, interrupt.signal);
  } finally {
    interrupt.done();
    wired.close();
  }
}

/** Verifies with what a command has open already. */
export async function verifyWired(wired: Wired, flags: ClusterFlags, signal: AbortSignal): Promise<ExitCode> {
  const { context, connections } = wired;
  const { connect } = await import('../../kube/http.js');
  const { createPortForward } = await import('../../kube/port-forward.js');
  const { loadYaml } = await import('../../kube/yaml.js');
  const { facts } = await gatherFacts(context.mesh, context.access, context.trust);
  const report = await verifyMesh({
    mesh: context.mesh,
    clusters: context.clusters,
    facts,
    portForward: createPortForward(connections),
    connect,
    parseYaml: loadYaml,
    signal,
  });
  if (flags.output === 'json') printResult(JSON.stringify(report, null, 2));
  else printResult(renderVerify(report, colorsFor(process.stdout, flags.color)));
  if (!report.ok) return ExitCode.failed;
  return Object.values(facts.clusters).every((cluster) => cluster.reachable)
    ? ExitCode.done
    : ExitCode.incomplete;
}
