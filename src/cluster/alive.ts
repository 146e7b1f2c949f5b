import { ApiError, MeshplanError } from '../errors/index.js';
import type { Cluster } from '../model/kube.js';

/** Answered from what the cluster stores, so that an API server without its store does not count as alive. */
const ASKED = '/api/v1/namespaces/kube-system';

/** What a cluster shows when it is asked whether it is there: why it is silent, or what its clock says. */
export type Sign =
  | { silence: string }
  /** Milliseconds since 1970, whole seconds; undefined where it tells no time. */
  | { clock: number | undefined };

/** Asks a cluster whether it is there. One that refuses the credentials is, too. */
export async function signOf(cluster: Cluster, timeoutMs = 10_000): Promise<Sign> {
  try {
    const { headers } = await cluster.request(ASKED, { timeoutMs });
    const clock = Date.parse(String(headers.date));
    return { clock: Number.isNaN(clock) ? undefined : clock };
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return { clock: undefined };
    if (error instanceof MeshplanError) return { silence: error.message };
    throw error;
  }
}
