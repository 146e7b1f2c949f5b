import { forgettingOf } from '../model/abandoned.js';
import type { Plan, PlannedObject } from '../model/plan.js';
import type { MeshState, StateCertificate } from '../model/state.js';

/** The part of a state file that an apply needs; given in by the wiring. */
export interface StateStore {
  readonly state: MeshState;
  save(next: MeshState): Promise<void>;
  readonly journal: {
    begin(entry: { action: string; phase: 'applying' | 'deleting'; objects: string[] }): Promise<void>;
    record(
      fact:
        | {
            type: 'object';
            action: string;
            address: string;
            uid: string;
            phase: 'applying' | 'applied' | 'deleting';
          }
        | { type: 'object-gone'; action: string; address: string }
        | { type: 'cluster'; cluster: string; uid: string }
        | { type: 'cluster-gone'; cluster: string }
        | { type: 'certificate'; name: string; fingerprint: string; notAfter: string }
        | { type: 'certificate-gone'; name: string },
    ): Promise<void>;
    end(entry: { action: string; outcome: 'done' | 'failed' }): Promise<void>;
    close(): Promise<void>;
  };
}

/** Writes down what an apply does, before and after it is done, so that a crash loses no object. */
export class Recorder {
  readonly #store: StateStore;
  /** Addresses that this run wrote: some are in no plan, for their shape is decided while it is carried out. */
  readonly #written = new Set<string>();

  /** Actions that this run brought to their end. */
  readonly #done = new Set<string>();

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Records which clusters these are; an address means nothing without its cluster's identity. */
  async identify(clusters: { name: string; uid: string }[]): Promise<void> {
    await Promise.all(
      clusters
        .filter(({ name, uid }) => this.#store.state.clusters[name]?.uid !== uid)
        .map(({ name, uid }) => this.#store.journal.record({ type: 'cluster', cluster: name, uid })),
    );
  }

  begin(action: string, phase: 'applying' | 'deleting', objects: PlannedObject[]): Promise<void> {
    return this.#store.journal.begin({ action, phase, objects: objects.map((object) => object.address) });
  }

  async applied(action: string, address: string, uid: string): Promise<void> {
    this.#written.add(address);
    await this.#store.journal.record({ type: 'object', action, address, uid, phase: 'applying' });
  }

  async deleted(action: string, address: string): Promise<void> {
    await this.#store.journal.record({ type: 'object-gone', action, address });
  }

  /** The object stays in its cluster, and is ours no longer; one that never was is in no state. */
  async released(action: string, address: string): Promise<void> {
    if (this.#store.state.objects[address]) await this.deleted(action, address);
  }

  async certified(name: string, certificate: StateCertificate): Promise<void> {
    const { fingerprint, notAfter } = certificate;
    await this.#store.journal.record({ type: 'certificate', name, fingerprint, notAfter });
  }

  end(action: string, outcome: 'done' | 'failed'): Promise<void> {
    if (outcome === 'done') this.#done.add(action);
    return this.#store.journal.end({ action, outcome });
  }

  /**
   * Forgets what the plan found gone, saves the state and ends the journal. What the journal could not take
   * is in the state all the same, so a save makes good for it. `unfinished`: addresses of rollouts that were not
   * complete, and still are not where their action has not been done.
   */
  async finish(plan: Plan, unfinished: Pick<Set<string>, 'has'> = new Set()): Promise<void> {
    await Promise.allSettled([
      this.#noteFound(plan, unfinished)
        .then(() => this.#forgetGone(plan))
        .then(() => this.#forgetAbandoned(plan)),
    ]);
    await this.#store.save(this.#store.state);
    await this.#store.journal.close();
  }

  /** What is ours and in order, after a lost state or an interrupted run as well. */
  async #noteFound(plan: Plan, unfinished: Pick<Set<string>, 'has'>): Promise<void> {
    for (const { id, objects } of plan.actions) {
      for (const { address, uid, change, reason, shared } of objects) {
        if (change !== 'noop' || reason !== 'in-sync' || shared || uid === undefined) continue;
        if (unfinished.has(address) && !this.#done.has(id)) continue;
        const known = this.#store.state.objects[address];
        if (known?.uid === uid && known.phase === 'applied') continue;
        await this.#store.journal.record({ type: 'object', action: id, address, uid, phase: 'applied' });
      }
    }
  }

  /** Nobody can remove what is in a cluster that is gone; its traces in others are actions of the plan. */
  async #forgetAbandoned({ abandoned = [] }: Plan): Promise<void> {
    for (const { name } of abandoned) {
      for (const fact of forgettingOf(name, this.#store.state)) await this.#store.journal.record(fact);
    }
  }

  /** What is neither declared nor found in a cluster that was read is gone; so is an emptied cluster. */
  async #forgetGone(plan: Plan): Promise<void> {
    const { journal, state } = this.#store;
    const planned = new Set(plan.actions.flatMap((action) => action.objects.map((object) => object.address)));
    const read = plan.clusters.filter((cluster) => cluster.reachable).map((cluster) => cluster.name);
    const clusterOf = (address: string) => address.slice(0, address.indexOf('/'));
    for (const [address, { action }] of Object.entries(state.objects)) {
      if (planned.has(address) || this.#written.has(address) || !read.includes(clusterOf(address))) continue;
      await journal.record({ type: 'object-gone', action, address });
    }
    await this.#forgetRenamed(plan);
    if (plan.mode !== 'destroy') return;
    for (const cluster of read) {
      const addresses = Object.keys(this.#store.state.objects);
      if (addresses.some((address) => clusterOf(address) === cluster)) continue;
      await journal.record({ type: 'cluster-gone', cluster });
      await journal.record({ type: 'certificate-gone', name: cluster });
    }
  }

  /** A cluster that has another name now: its objects are known by that, for they were found again. */
  async #forgetRenamed({ clusters }: Plan): Promise<void> {
    const { journal, state } = this.#store;
    const names = new Set(clusters.map(({ name }) => name));
    const uids = new Set(clusters.map(({ uid }) => uid).filter((uid) => uid !== ''));
    const renamed = Object.entries(state.clusters).filter(
      ([name, { uid }]) => !names.has(name) && uids.has(uid),
    );
    for (const [cluster] of renamed) {
      for (const [address, { action }] of Object.entries(state.objects))
        if (address.startsWith(`${cluster}/`)) await journal.record({ type: 'object-gone', action, address });
      await journal.record({ type: 'cluster-gone', cluster });
      await journal.record({ type: 'certificate-gone', name: cluster });
    }
  }
}
