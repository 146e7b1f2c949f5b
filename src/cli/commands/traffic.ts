import { setMaxListeners } from 'node:events';
import type { OnApplyEvent } from '../../model/events.js';
import { DEFAULT_TRAFFIC_IMAGE, type TrafficReport } from '../../model/traffic.js';
import type { VerifyReport } from '../../model/verify.js';
import { describeSelf, isLockDead, parseHolder } from '../../state/index.js';
import { type Holder, testTraffic, trafficSteps } from '../../traffic/index.js';
import type { ClusterFlags } from '../flags.js';
import { openNotes } from '../progress/report.js';
import type { Wired } from '../wiring.js';

export interface TrafficFlags {
  traffic: boolean;
  trafficImage: string;
}

/** Milliseconds for which a test's pods may take where `--timeout` says nothing: images have to be pulled. */
const READY_MS = 120_000;

/** How a test is made. What is left out has the flags' default, or is told to nobody. */
export interface TrafficOptions {
  signal: AbortSignal;
  image?: string;
  /** Milliseconds. */
  readyMs?: number;
  onEvent?: OnApplyEvent;
  namespace?: string;
}

/**
 * Sends real requests with what a command has open already; clusters that `evidence` found unreachable are
 * left out. @throws the signal's reason when it fires, after the clean-up.
 */
export async function collectTraffic(
  wired: Pick<Wired, 'mesh' | 'context' | 'connections'>,
  evidence: VerifyReport,
  { signal, image, readyMs, onEvent, namespace }: TrafficOptions,
): Promise<TrafficReport> {
  const { createExec } = await import('../../kube/exec.js');
  // Every request listens.
  setMaxListeners(0, signal);
  return testTraffic(
    {
      mesh: wired.mesh,
      clusters: wired.context.clusters,
      unreachable: unreachableIn(evidence),
      exec: createExec(wired.connections),
      image: image ?? DEFAULT_TRAFFIC_IMAGE,
      holder: await holderOf(),
      signal,
      readyMs: readyMs ?? READY_MS,
      onEvent: onEvent ?? (() => {}),
    },
    namespace,
  );
}

/** The same, with progress on stderr. */
export async function showTraffic(
  wired: Wired,
  evidence: VerifyReport,
  flags: ClusterFlags & TrafficFlags,
  { signal, namespace }: { signal: AbortSignal; namespace: string },
): Promise<TrafficReport> {
  const steps = trafficSteps(wired.mesh).map((id) => ({ id }));
  const progress = await openNotes(steps, flags.quiet);
  try {
    return await collectTraffic(wired, evidence, {
      signal,
      namespace,
      image: flags.trafficImage,
      ...(flags.timeout === undefined ? {} : { readyMs: flags.timeout }),
      onEvent: (event) => progress.onEvent(event),
    });
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
  ...evidence,
  ok: evidence.ok && checks.every(({ status }) => status !== 'fail'),
  checks: [...evidence.checks, ...checks],
  traffic,
});

/** What a run leaves that does not wait for its clean-up. */
export const staysText = (namespace: string): string =>
  `Namespace ${namespace} may stay in each cluster; the next verify --traffic removes it.`;
