import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError, messageOf } from '../../errors/index.js';
import { writePrivateJson } from '../files.js';
import type { LabLayout } from '../layout.js';
import { endProcess, livingProcesses } from '../processes.js';
import { type ClusterState, type LabState, type Level1State, readState } from '../state.js';
import type { LabIstiodStatus } from '../types.js';
import { ClusterAgent } from './cluster-agent.js';
import { frontHosts, LOAD_BALANCER_PORTS, startFront } from './front.js';
import { LoadBalancer } from './load-balancer.js';
import type { Exposed } from './routes.js';
import type { AgentStatus } from './status.js';

const POLL_MS = 100;

/** What the agent does for one running cluster. */
interface Follower {
  /** Opens what is the cluster's at once, and follows its API server as soon as that is there. */
  start(): Promise<void>;
  /** True once all that it follows is known. */
  synced(): boolean;
  /** The istiods that are the agent's own processes. */
  istiods(): LabIstiodStatus[];
  /** Level 1: where a connection to this port of the load balancer goes, and since when (RFC 3339) there is such. */
  destination?(port: number): Exposed | undefined;
  /** Lets go of the cluster. `killed`: its istiods end as in a failure. */
  end(how: 'asked' | 'killed'): Promise<void>;
}

/**
 * The lab's one long-lived helper: the load balancer, and where no node is real the network between API servers
 * and istiods as well, and the kubelet of istiod's pods. It follows `lab.json` until the signal comes.
 */
export async function runAgent(
  lab: LabLayout,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const agent = new LabAgent(lab, log);
  try {
    await agent.endOrphans();
    await agent.run(signal);
  } catch (error) {
    await agent.fail(error);
    throw error;
  } finally {
    await agent.end();
  }
}

class LabAgent {
  private readonly clusters = new Map<string, Follower>();
  private state: LabState | undefined;
  private front: Server[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly lab: LabLayout,
    private readonly log: (line: string) => void,
  ) {}

  /** An earlier agent that was killed leaves its istiods behind; nobody would follow them. */
  async endOrphans(): Promise<void> {
    const records = await livingProcesses(this.lab);
    const orphans = records.filter((record) => record.name.startsWith('istiod-'));
    await Promise.all(orphans.map((record) => endProcess(this.lab, record, 0)));
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const state = await readState(this.lab);
      if (state && state.generation !== this.state?.generation) await this.follow(state);
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async fail(error: unknown): Promise<void> {
    const known = error instanceof MeshplanError ? error : undefined;
    const hint = known?.hint ? { hint: known.hint } : {};
    await this.writeStatus({ code: known?.code ?? 'lab-agent-failed', message: messageOf(error), ...hint });
  }

  async end(): Promise<void> {
    for (const server of this.front) server.close();
    await Promise.all([...this.clusters.values()].map((cluster) => cluster.end('killed')));
    await this.writing;
  }

  private async follow(state: LabState): Promise<void> {
    this.state = state;
    if (this.front.length === 0 && state.level === 1) await this.openFront(state);
    for (const { cluster, make } of this.followers(state)) {
      const current = this.clusters.get(cluster.name);
      if (cluster.stopped && current) {
        this.clusters.delete(cluster.name);
        await current.end('killed');
      } else if (!cluster.stopped && !current) {
        const follower = make();
        this.clusters.set(cluster.name, follower);
        await follower.start();
      }
    }
    await this.writeStatus();
  }

  private followers(state: LabState): { cluster: ClusterState; make: () => Follower }[] {
    const common = { lab: this.lab, onChange: () => void this.writeStatus(), log: this.log };
    return state.level === 1
      ? state.clusters.map((cluster) => ({
          cluster,
          make: () => new ClusterAgent({ ...common, state, cluster }),
        }))
      : state.clusters.map((cluster) => ({ cluster, make: () => new LoadBalancer({ ...common, cluster }) }));
  }

  private async openFront(state: Level1State): Promise<void> {
    const order = [...state.clusters].sort((a, b) => Number(b.primary) - Number(a.primary));
    for (const port of LOAD_BALANCER_PORTS) {
      const leadsTo = ({ name }: ClusterState) => this.clusters.get(name)?.destination?.(port) ?? [];
      // A remote that was promoted since the lab was made serves on when the primary of before comes back.
      const resolve = () =>
        order.flatMap(leadsTo).sort((one, other) => other.since.localeCompare(one.since))[0]?.destination;
      this.front.push(...(await startFront(frontHosts(state.address), port, resolve)));
    }
  }

  /** One write after the other, so that the last one holds the latest. */
  private writeStatus(error?: AgentStatus['error']): Promise<void> {
    this.writing = this.writing.then(async () => {
      const clusters = [...this.clusters].map(([name, cluster]) => [
        name,
        { synced: cluster.synced(), istiods: cluster.istiods() },
      ]);
      const status: AgentStatus = {
        pid: process.pid,
        generation: this.state?.generation ?? 0,
        ...(error ? { error } : {}),
        clusters: Object.fromEntries(clusters) as AgentStatus['clusters'],
      };
      await writePrivateJson(this.lab.agentStatus, status);
    });
    return this.writing;
  }
}
