import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { connect } from '../kube/http.js';
import type { Cluster } from '../model/kube.js';
import { serverOf } from './cluster/credentials.js';
import type { ClusterLayout } from './layout.js';
import type { ClusterState } from './state.js';

/** The lab's own way to one API server, as its administrator. */
export interface LabApi {
  cluster: Cluster;
  /** One GET without retries, as a stream: for watches, and for questions that are asked again soon. */
  open(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

export async function openApi(state: ClusterState, layout: ClusterLayout): Promise<LabApi> {
  const ca = await readFile(layout.ca, 'utf8');
  const token = await readFile(layout.adminToken, 'utf8');
  const server = serverOf(state);
  const agent = new Agent({ keepAlive: true, ca });
  const cluster = connect({ name: state.name, server, ca, token });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  return {
    cluster,
    open(path, signal) {
      return new Promise((resolve, reject) => {
        get(`${server}${path}`, { agent, headers, signal }, resolve).on('error', reject);
      });
    },
    close() {
      agent.destroy();
      cluster.close();
    },
  };
}

/** Whether one GET is answered with 200 now. `/readyz` says so when all start-up work is done. */
export async function answers(api: LabApi, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await api.open(path, AbortSignal.any([signal, AbortSignal.timeout(2_000)]));
    answer.resume();
    return answer.statusCode === 200;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
