import type { Cluster, KubeObject } from '../../model/kube.js';
import type { LabApi } from '../api.js';
import { clusterLayoutOf, type LabLayout } from '../layout.js';
import type { Level2Cluster } from '../state.js';
import { AddressPool } from './address-pool.js';
import { patchOnce } from './cluster-status.js';
import { openWhenMade } from './open-when-made.js';
import type { Service } from './routes.js';
import { type WatchedObjects, watchObjects } from './watch.js';

/** Mends what a failed write left behind; everything else happens when a watch reports it. */
const TICK_MS = 1_000;

export interface LoadBalancerOptions {
  lab: LabLayout;
  cluster: Level2Cluster;
  onChange: () => void;
  log: (line: string) => void;
}

/**
 * The load balancer of a cluster with real nodes. It only gives addresses, which are routed to the node:
 * kube-proxy there answers for them.
 */
export class LoadBalancer {
  private readonly stop = new AbortController();
  private readonly pool: AddressPool;
  private readonly refused = new Map<string, string>();
  private services: WatchedObjects | undefined;
  private api: LabApi | undefined;
  private tick: NodeJS.Timeout | undefined;
  private wasSynced = false;

  constructor(private readonly options: LoadBalancerOptions) {
    this.pool = new AddressPool(options.cluster.loadBalancers);
  }

  /** Follows the cluster's API server as soon as that is there. */
  async start(): Promise<void> {
    void this.follow();
  }

  /** True once the cluster's Services are known. */
  synced(): boolean {
    return this.services?.synced() ?? false;
  }

  /** None is the agent's: they are pods. */
  istiods(): [] {
    return [];
  }

  async end(): Promise<void> {
    this.stop.abort();
    clearInterval(this.tick);
    this.api?.close();
  }

  private async follow(): Promise<void> {
    const { lab, cluster } = this.options;
    const api = await openWhenMade(cluster, clusterLayoutOf(lab, cluster.name), this.stop.signal);
    if (!api) return;
    this.api = api;
    const onChange = () => this.reconcile(api.cluster);
    this.services = watchObjects({ api, path: '/api/v1/services', onChange, signal: this.stop.signal });
    this.tick = setInterval(onChange, TICK_MS);
  }

  private reconcile(api: Cluster): void {
    if (this.stop.signal.aborted || !this.synced()) return;
    const { cluster, log } = this.options;
    for (const assignment of this.pool.assign((this.services?.objects() ?? []) as Service[])) {
      if ('refusal' in assignment) this.refuse(api, assignment.service, assignment.refusal);
      else this.answer(api, assignment.service, assignment.ip);
    }
    if (this.wasSynced) return;
    this.wasSynced = true;
    log(`follows ${cluster.name}`);
    this.options.onChange();
  }

  private answer(api: Cluster, { metadata }: Service, ip: string): void {
    const path = `/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}/status`;
    const body = { status: { loadBalancer: { ingress: [{ ip }] } } };
    patchOnce(api, path, 'application/merge-patch+json', body, this.options.log);
  }

  /** Tells a Service once why it gets no address, where `kubectl describe` shows it. */
  private refuse(api: Cluster, service: Service, reason: string): void {
    const { uid = '', namespace, name } = service.metadata;
    if (this.refused.get(uid) === reason) return;
    this.refused.set(uid, reason);
    this.options.log(`${this.options.cluster.name}: ${namespace}/${name}: ${reason}`);
    const path = `/api/v1/namespaces/${namespace}/events`;
    api.request(path, { method: 'POST', body: eventOf(service, reason) }).catch(() => undefined);
  }
}

/** As the service controller of a cloud writes it. */
function eventOf({ metadata }: Service, message: string): KubeObject {
  const { namespace, name, uid, resourceVersion } = metadata;
  const now = new Date().toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Service', namespace, name, uid, resourceVersion },
    type: 'Warning',
    reason: 'SyncLoadBalancerFailed',
    message,
    source: { component: 'meshplan-lab' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  } as unknown as KubeObject;
}
