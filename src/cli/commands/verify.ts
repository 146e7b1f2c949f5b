import { ExitCode } from '../../errors/index.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { VerifyReport } from '../../model/verify.js';
import { newNamespace } from '../../traffic/index.js';
import type { ClusterFlags } from '../flags.js';
import { onInterrupt } from '../interrupt.js';
import { openLooks } from '../looks.js';
import { colorsFor, printResult } from '../output.js';
import { renderVerify } from '../render/verify-text.js';
import { type Wired, wire } from '../wiring.js';
import { showTraffic, staysText, type TrafficFlags, withTraffic } from './traffic.js';

export interface VerifyFlags extends ClusterFlags, TrafficFlags {
  watch: boolean;
  /** Milliseconds between the beginnings of two looks. */
  interval: number;
}

/** `meshplan verify`: evidence that the mesh works. */
export async function verify(flags: VerifyFlags): Promise<ExitCode> {
  const wired = await wire(flags);
  if (flags.watch) return (await import('./watch.js')).watch(wired, flags);
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
    else printResult(renderVerify(report, colorsFor(process.stdout, flags.color), flags));
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
  clusters?: ResolvedCluster[],
): Promise<VerifyReport> {
  const looks = await openLooks(wired, clusters);
  try {
    return await looks.whole(signal, settleMs === undefined ? {} : { settleMs });
  } finally {
    looks.close();
  }
}
