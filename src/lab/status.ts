import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { type AgentStatus, readAgentStatus } from './agent/status.js';
import { findAgent } from './agent-process.js';
import { answers, openApi } from './api.js';
import { serverOf } from './cluster/credentials.js';
import { CLUSTER_PROCESSES } from './cluster/start.js';
import { clusterLayoutOf, type LabLayout, layoutOf } from './layout.js';
import { isAlive, type ProcessRecord, readRecords } from './processes.js';
import { type ClusterState, type LabState, readState } from './state.js';
import type { LabClusterStatus, LabStatus } from './types.js';

/** The lab's paths below the folder's one true name, for processes are found by it. */
export async function locate(dir: string): Promise<LabLayout> {
  const absolute = resolve(dir);
  return layoutOf(await realpath(absolute).catch(() => absolute));
}

/** The lab of the folder. @throws MeshplanError `lab-absent` (exit code 3) when there is none. */
export async function requireLab(dir: string): Promise<{ lab: LabLayout; state: LabState }> {
  const lab = await locate(dir);
  const state = await readState(lab);
  if (!state?.complete) {
    throw new MeshplanError('lab-absent', `there is no running lab in ${lab.dir}`, {
      hint: 'Start one with `meshplan lab up`, or name its folder with --dir.',
      exitCode: ExitCode.invalid,
    });
  }
  return { lab, state };
}

/** What runs and what does not, from the processes and API servers themselves. */
export async function labStatus(options: { dir: string }): Promise<LabStatus> {
  return inspect(await locate(options.dir));
}

export async function inspect(lab: LabLayout): Promise<LabStatus> {
  const state = await readState(lab);
  const records = await readRecords(lab);
  if (!state)
    return { dir: lab.dir, level: 1, state: records.length > 0 ? 'incomplete' : 'absent', clusters: [] };
  const agentRecord = await findAgent(lab);
  const agentAlive = agentRecord !== undefined && (await isAlive(agentRecord));
  const agentStatus = agentAlive ? await readAgentStatus(lab) : undefined;
  const clusters = await Promise.all(
    state.clusters.map((cluster) => inspectCluster(lab, cluster, records, agentStatus)),
  );
  const healthy = agentAlive && clusters.every((cluster) => cluster.state === 'running');
  return {
    dir: lab.dir,
    level: 1,
    state: !state.complete ? 'incomplete' : healthy ? 'running' : 'degraded',
    address: state.address,
    kubeconfig: lab.kubeconfig,
    ...(agentRecord ? { agent: { pid: agentRecord.pid, alive: agentAlive } } : {}),
    clusters,
  };
}

async function inspectCluster(
  lab: LabLayout,
  cluster: ClusterState,
  records: ProcessRecord[],
  agent: AgentStatus | undefined,
): Promise<LabClusterStatus> {
  const own = CLUSTER_PROCESSES.map((name) =>
    records.find((record) => record.cluster === cluster.name && record.name === name),
  );
  const processes = await Promise.all(
    own.map(async (record, index) => ({
      name: CLUSTER_PROCESSES[index] ?? '',
      pid: record?.pid ?? 0,
      alive: record !== undefined && (await isAlive(record)),
    })),
  );
  const healthy = processes.every((item) => item.alive) && (await isServing(lab, cluster));
  return {
    name: cluster.name,
    server: serverOf(cluster),
    region: cluster.region,
    primary: cluster.primary,
    state: cluster.stopped ? 'stopped' : healthy ? 'running' : 'degraded',
    processes,
    istiod: agent?.clusters[cluster.name]?.istiods ?? [],
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
