import { join, relative } from 'node:path';
import type { LabApi } from '../api.js';
import { makePrivateFolder } from '../files.js';
import { clusterLayoutOf, EGRESS_SOCKET, type LabLayout } from '../layout.js';
import type { Level1Cluster, Level1State } from '../state.js';
import type { LabIstiodStatus } from '../types.js';
import { answerLoadBalancers, reportReadiness } from './cluster-status.js';
import { startConnectProxy } from './connect-proxy.js';
import { startFront } from './front.js';
import { IstiodFollower } from './istiod-follower.js';
import { openWhenMade } from './open-when-made.js';
import { resolveTarget } from './resolve.js';
import {
  backendPort,
  type Destination,
  destinationOfLoadBalancer,
  type Exposed,
  type Service,
} from './routes.js';
import { type WatchedObjects, watchObjects } from './watch.js';

/** Mends what a failed write left behind; everything else happens when a watch reports it. */
const TICK_MS = 1_000;

export interface ClusterAgentOptions {
  lab: LabLayout;
  state: Level1State;
  cluster: Level1Cluster;
  onChange: () => void;
  log: (line: string) => void;
}

/** What the agent does for one running cluster: see the methods. */
export class ClusterAgent {
  private readonly stop = new AbortController();
  private readonly closers: (() => void)[] = [];
  private follower: IstiodFollower | undefined;
  private services: WatchedObjects | undefined;
  private pods: WatchedObjects | undefined;
  private secrets: WatchedObjects | undefined;
  private api: LabApi | undefined;

  constructor(private readonly options: ClusterAgentOptions) {}

  /** Opens the cluster's sockets at once, and follows its API server as soon as that is there. */
  async start(): Promise<void> {
    const { lab, cluster, log } = this.options;
    const layout = clusterLayoutOf(lab, cluster.name);
    await makePrivateFolder(layout.dir);
    // Relative to the agent's working folder, the lab's: see `EGRESS_SOCKET`.
    const socket = relative(lab.dir, join(layout.dir, EGRESS_SOCKET));
    const resolve = (host: string, port: number) => this.resolve(host, port);
    const proxy = await startConnectProxy({ socket, resolve, log });
    const debug = await startFront(['127.0.0.1'], cluster.ports.debug, () => this.anyIstiod(8080));
    const monitoring = await startFront(['127.0.0.1'], cluster.ports.monitoring, () => this.anyIstiod(15014));
    for (const server of [proxy, ...debug, ...monitoring]) this.closers.push(() => server.close());
    void this.follow();
  }

  /** True once the cluster's Services, pods and Secrets are known. */
  synced(): boolean {
    return [this.services, this.pods, this.secrets].every((watched) => watched?.synced());
  }

  istiods(): LabIstiodStatus[] {
    return this.follower?.status() ?? [];
  }

  /** Where a connection to this port of the load balancer goes. */
  destination(port: number): Exposed | undefined {
    const services = (this.services?.objects() ?? []) as Service[];
    return destinationOfLoadBalancer(services, port, this.follower?.backends() ?? []);
  }

  /** Lets go of the cluster. `killed`: its istiods end as in a failure. */
  async end(how: 'asked' | 'killed'): Promise<void> {
    this.stop.abort();
    for (const close of this.closers) close();
    await this.follower?.end(how);
    this.api?.close();
  }

  private async follow(): Promise<void> {
    const { lab, cluster, state, log, onChange } = this.options;
    const layout = clusterLayoutOf(lab, cluster.name);
    const api = await openWhenMade(cluster, layout, this.stop.signal);
    if (!api) return;
    this.api = api;
    const changed = () => this.reconcile();
    const binary = state.binaries['pilot-discovery'];
    this.follower = new IstiodFollower({
      lab,
      cluster,
      layout,
      api: api.cluster,
      binary,
      log,
      onChange: () => {
        changed();
        onChange();
      },
    });
    const watch = (path: string, query: Record<string, string> = {}) =>
      watchObjects({ api, path, query, onChange: changed, signal: this.stop.signal });
    this.services = watch('/api/v1/services');
    this.pods = watch('/api/v1/pods', { labelSelector: 'app=istiod' });
    this.secrets = watch('/api/v1/secrets', { fieldSelector: 'metadata.name=cacerts' });
    const tick = setInterval(changed, TICK_MS);
    this.closers.push(() => clearInterval(tick));
  }

  private wasSynced = false;

  private reconcile(): void {
    if (this.stop.signal.aborted || !this.synced() || !this.api || !this.follower) return;
    const { state, cluster, log } = this.options;
    const services = (this.services?.objects() ?? []) as Service[];
    const pods = this.pods?.objects() ?? [];
    answerLoadBalancers(this.api.cluster, services, state.address, log);
    this.follower.reconcile(pods, this.secrets?.objects() ?? []);
    reportReadiness(this.api.cluster, pods, this.follower, log);
    if (!this.wasSynced) log(`follows ${cluster.name}`);
    if (!this.wasSynced) this.options.onChange();
    this.wasSynced = true;
  }

  private async resolve(host: string, port: number): Promise<Destination | undefined> {
    const services = (this.services?.objects() ?? []) as Service[];
    const backends = this.follower?.backends() ?? [];
    return resolveTarget({ api: this.api, cluster: this.options.cluster, services, backends }, host, port);
  }

  /** The process behind the istiod pods' own ports: one that is ready if any is. */
  private anyIstiod(port: number): Destination | undefined {
    const backends = this.follower?.backends() ?? [];
    const backend = backends.find((item) => item.ready) ?? backends[0];
    return backend && backendPort(backend, port);
  }
}
