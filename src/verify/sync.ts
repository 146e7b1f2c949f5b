import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError, messageOf } from '../errors/index.js';
import type { SyncReading } from '../model/verify.js';
import { judgeSync } from './checks/cluster-synced.js';
import { createContext, type VerifyContext } from './context.js';
import type { VerifyInput } from './input.js';
import { readClusterz } from './istiod.js';
import type { Outcome } from './outcome.js';

const PAUSE_MS = 1_000;

/**
 * Asks every istiod which clusters it has read, again for as long as time alone may mend it. A primary
 * that cannot be reached is left out, for its own absence says enough.
 */
export async function readSync(input: VerifyInput): Promise<SyncReading[]> {
  const context = await createContext(input);
  const asked = input.mesh.clusters.filter(({ primary }) => context.probes.get(primary)?.reachable);
  const deadline = performance.now() + (input.settleMs ?? 0);
  return Promise.all(asked.map(({ name, primary }) => readOne(context, name, primary, deadline)));
}

async function readOne(
  context: VerifyContext,
  cluster: string,
  primary: string,
  deadline: number,
): Promise<SyncReading> {
  for (;;) {
    const { unsettled, ...reading } = await look(context, cluster, primary);
    if (unsettled && performance.now() + PAUSE_MS < deadline) {
      await sleep(PAUSE_MS, undefined, context.signal ? { signal: context.signal } : {});
      continue;
    }
    return { cluster, primary, ...reading };
  }
}

type Look = Pick<SyncReading, 'status' | 'evidence'> & Pick<Outcome, 'unsettled'>;

/** `unread` where istiod may be well, and only the way to it is closed. */
async function look(context: VerifyContext, cluster: string, primary: string): Promise<Look> {
  try {
    const outcome = judgeSync(cluster, primary, await readClusterz(context, primary));
    const status = outcome.status === 'pass' ? 'synced' : 'not-synced';
    return { status, evidence: outcome.evidence, unsettled: outcome.unsettled ?? false };
  } catch (error) {
    context.signal?.throwIfAborted();
    const hasEnded = error instanceof MeshplanError && error.code === 'istiod-not-ready';
    return { status: hasEnded ? 'no-istiod' : 'unread', evidence: messageOf(error), unsettled: true };
  }
}
