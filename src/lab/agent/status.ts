import { readJson } from '../files.js';
import type { LabLayout } from '../layout.js';
import type { LabIstiodStatus } from '../types.js';

/** `agent.json`: what the agent has done about `lab.json`. */
export interface AgentStatus {
  pid: number;
  /** The generation of `lab.json` that is in force. */
  generation: number;
  /** Why the agent ended by itself. */
  error?: { code: string; message: string; hint?: string };
  clusters: Record<string, { synced: boolean; istiods: LabIstiodStatus[] }>;
}

export const readAgentStatus = (lab: LabLayout) => readJson<AgentStatus>(lab.agentStatus);
