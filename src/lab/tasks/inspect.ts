import { type AgentStatus, readAgentStatus } from '../agent/status.js';
import { findAgent } from '../agent-process.js';
import { answers, openApi } from '../api.js';
import { serverOf } from '../cluster/credentials.js';
import { CLUSTER_PROCESSES } from '../cluster/start.js';
import { clusterLayoutOf, type LabLayout } from '../layout.js';
import { isAlive, type ProcessRecord, readRecords } from '../processes.js';
import { type ClusterState, readState } from '../state.js';
import type { LabClusterStatus, LabStatus } from '../types.js';

/**
 * What runs and what does not, from the processes and API servers themselves.
 * @param reachable - false where this process cannot be in the network of the clusters.
 */
export async function inspect(lab: LabLayout, reachable = true): Promise<LabStatus> {
  const state = await readState(lab);
  const records = await readRecords(lab);
  if (!state)
    return { dir: lab.dir, level: 1, state: records.length > 0 ? 'incomplete' : 'absent', clusters: [] };
  const agentRecord = await findAgent(lab);
  const agentAlive = agentRecord !== undefined && (await isAlive(agentRecord));
  const agentStatus = agentAlive ? await readAgentStatus(lab) : undefined;
  const clusters = await Promise.all(
    state.clusters.map((cluster) => inspectCluster(lab, cluster, { records, agentStatus, reachable })),
  );
  const healthy = agentAlive && clusters.every((cluster) => cluster.state === 'running');
  return {
    dir: lab.dir,
    level: state.level,
    state: !state.complete ? 'incomplete' : healthy ? 'running' : 'degraded',
    ...(state.level === 1 ? { address: state.address } : {}),
    kubeconfig: lab.kubeconfig,
    ...(agentRecord ? { agent: { pid: agentRecord.pid, alive: agentAlive } } : {}),
    clusters,
  };
}

interface Evidence {
  records: ProcessRecord[];
  agentStatus: AgentStatus | undefined;
  reachable: boolean;
}

async function inspectCluster(
  lab: LabLayout,
  cluster: ClusterState,
  { records, agentStatus, reachable }: Evidence,
): Promise<LabClusterStatus> {
  const names = CLUSTER_PROCESSES[cluster.level];
  const own = names.map((name) =>
    records.find((record) => record.cluster === cluster.name && record.name === name),
  );
  const processes = await Promise.all(
    own.map(async (record, index) => ({
      name: names[index] ?? '',
      pid: record?.pid ?? 0,
      alive: record !== undefined && (await isAlive(record)),
    })),
  );
  const healthy = processes.every((item) => item.alive) && reachable && (await isServing(lab, cluster));
  return {
    name: cluster.name,
    server: serverOf(cluster),
    region: cluster.region,
    primary: cluster.primary,
    state: cluster.stopped ? 'stopped' : healthy ? 'running' : 'degraded',
    processes,
    istiod: agentStatus?.clusters[cluster.name]?.istiods ?? [],
  };
}

async function isServing(lab: LabLayout, cluster: ClusterState): Promise<boolean> {
  const api = await openApi(cluster, clusterLayoutOf(lab, cluster.name)).catch(() => undefined);
  if (!api) return false;
  try {
    return await answers(api, '/readyz', AbortSignal.timeout(5_000));
  } catch {
    return false;
  } finally {
    api.close();
  }
}
