import { readFile } from 'node:fs/promises';
import { MeshplanError } from '../errors/index.js';
import { type AgentStatus, readAgentStatus } from './agent/status.js';
import type { LabLayout } from './layout.js';
import { nodeCommand } from './node-command.js';
import { isAlive, type ProcessRecord, readRecords, startProcess } from './processes.js';
import type { ClusterState } from './state.js';
import { waitFor } from './wait.js';

const POLL_MS = 50;
const TIMEOUT_MS = 60_000;

/** Starts the agent unless it runs. */
export async function ensureAgent(lab: LabLayout): Promise<ProcessRecord> {
  const running = await findAgent(lab);
  if (running && (await isAlive(running))) return running;
  const { record } = await startProcess(lab, {
    cluster: null,
    name: 'agent',
    command: process.execPath,
    args: nodeCommand('agent-main', lab.dir),
    cwd: lab.dir,
    log: lab.agentLog,
  });
  return record;
}

export async function findAgent(lab: LabLayout): Promise<ProcessRecord | undefined> {
  return (await readRecords(lab)).find((record) => record.cluster === null && record.name === 'agent');
}

/**
 * Waits until the agent has taken this state over and knows every cluster that runs.
 * @throws MeshplanError with the agent's own reason when it gave up, `lab-agent-failed` when it died.
 */
export async function waitForAgent(
  lab: LabLayout,
  agent: ProcessRecord,
  state: { generation: number; clusters: readonly ClusterState[] },
  signal: AbortSignal,
): Promise<AgentStatus> {
  const running = state.clusters.filter((cluster) => !cluster.stopped);
  return waitFor(
    async () => {
      const status = await readAgentStatus(lab);
      const current = status?.pid === agent.pid ? status : undefined;
      if (current?.error) throw giveUp(current.error);
      if (!(await isAlive(agent))) throw await died(lab);
      if (!current || current.generation < state.generation) return undefined;
      return running.every((cluster) => current.clusters[cluster.name]?.synced) ? current : undefined;
    },
    { what: "the lab's agent", intervalMs: POLL_MS, timeoutMs: TIMEOUT_MS, signal },
  );
}

function giveUp(error: NonNullable<AgentStatus['error']>): MeshplanError {
  return new MeshplanError(error.code, error.message, error.hint ? { hint: error.hint } : {});
}

async function died(lab: LabLayout): Promise<MeshplanError> {
  const log = await readFile(lab.agentLog, 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-5).join('\n');
  return new MeshplanError('lab-agent-failed', "the lab's agent ended", {
    hint: `Its last words:\n${lines}`,
  });
}
