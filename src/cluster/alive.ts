import { ApiError, MeshplanError } from '../errors/index.js';
import type { Cluster } from '../model/kube.js';

/** Answered from what the cluster stores, so that an API server without its store does not count as alive. */
const ASKED = '/api/v1/namespaces/kube-system';

/** Why a cluster does not answer in time; undefined where it does, be it to refuse the credentials. */
export async function silenceOf(cluster: Cluster, timeoutMs = 10_000): Promise<string | undefined> {
  try {
    await cluster.request(ASKED, { timeoutMs });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return undefined;
    if (error instanceof MeshplanError) return error.message;
    throw error;
  }
}
