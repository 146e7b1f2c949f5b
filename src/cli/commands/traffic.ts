import type { TrafficReport } from '../../model/traffic.js';
import type { VerifyReport } from '../../model/verify.js';
import { describeSelf, isLockDead, parseHolder } from '../../state/index.js';
import { type Holder, newNamespace, testTraffic, trafficSteps } from '../../traffic/index.js';
import type { ClusterFlags } from '../flags.js';
import { openNotes } from '../progress/report.js';
import type { Wired } from '../wiring.js';

export interface TrafficFlags {
  traffic: boolean;
  trafficImage: string;
}

/** Milliseconds for which a test's pods may take where `--timeout` says nothing: images have to be pulled. */
const READY_MS = 120_000;

/** Sends real requests; clusters that `evidence` found unreachable are left out. */
export async function collectTraffic(
  wired: Wired,
  evidence: VerifyReport,
  flags: ClusterFlags & TrafficFlags,
  signal: AbortSignal,
  namespace = newNamespace(),
): Promise<TrafficReport> {
  const { createExec } = await import('../../kube/exec.js');
  const { mesh } = wired;
  const progress = await openNotes(
    trafficSteps(mesh).map((id) => ({ id })),
    flags.quiet,
  );
  try {
    return await testTraffic(
      {
        mesh,
        clusters: wired.context.clusters,
        unreachable: unreachableIn(evidence),
        exec: createExec(wired.connections),
        image: flags.trafficImage,
        holder: await holderOf(),
        signal,
        readyMs: flags.timeout ?? READY_MS,
        onEvent: (event) => progress.onEvent(event),
      },
      namespace,
    );
  } finally {
    await progress.end();
  }
}

const unreachableIn = ({ checks }: VerifyReport): Map<string, string> =>
  new Map(
    checks.flatMap(({ id, cluster, status, evidence }) =>
      id === 'cluster-reachable' && cluster && status === 'fail' ? [[cluster, evidence] as const] : [],
    ),
  );

/** This process, in the words of the lock file. */
async function holderOf(): Promise<Holder> {
  return {
    text: JSON.stringify(await describeSelf('meshplan verify --traffic')),
    hasEnded: async (text) => {
      const holder = parseHolder(text);
      return holder !== undefined && isLockDead(holder);
    },
  };
}

/** One report of both. */
export const withTraffic = (evidence: VerifyReport, { checks, ...traffic }: TrafficReport): VerifyReport => ({
  ok: evidence.ok && checks.every(({ status }) => status !== 'fail'),
  checks: [...evidence.checks, ...checks],
  traffic,
});

/** What a run leaves that does not wait for its clean-up. */
export const staysText = (namespace: string): string =>
  `Namespace ${namespace} may stay in each cluster; the next verify --traffic removes it.`;
