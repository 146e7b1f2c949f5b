import { resourceFor } from '../cluster/paths.js';
import { applyObject } from '../cluster/write.js';
import type { Context, Survey } from '../engine/context.js';
import type { DesiredAction, DesiredObject } from '../model/action.js';
import type { ApplyEvent } from '../model/events.js';
import { type ApiResource, addressOf, refOf } from '../model/kube.js';
import type { PlannedAction, PlannedObject } from '../model/plan.js';
import { listLeftovers } from '../observe/removal.js';
import type { ApplyOptions } from './apply.js';
import { isBefore, perform } from './effects.js';
import { applyObjects, deleteObjects, type ObjectContext } from './objects.js';
import { openSession, type Session } from './session.js';
import { awaitCondition } from './waits.js';

/**
 * Whether an action must be compared with its cluster again before it is applied. What was absent when
 * it was planned is just created, with the values that are known by now.
 */
function needsLook(action: PlannedAction, objects: DesiredObject[]): boolean {
  const planned = new Set(action.objects.map((object) => object.address));
  const isNew = objects.some(({ cluster, object }) => !planned.has(addressOf(refOf(cluster, object))));
  return (
    isNew ||
    action.objects.some(
      ({ change, unknown }) => change === 'unknown' || (unknown.length > 0 && change !== 'create'),
    )
  );
}

/** Carries out one action after the other's order has been settled by the schedule. */
export class ActionRunner {
  /** Objects written or deleted so far. */
  changed = 0;
  readonly #context: Context;
  readonly #session: Session;
  readonly #options: ApplyOptions;
  readonly #emit: (event: Omit<ApplyEvent, 'time'>) => void;
  readonly #plan: Map<string, PlannedAction>;
  /** Waits of actions that change nothing, run once where a dependent changes something. */
  readonly #gates = new Map<string, Promise<void>>();

  constructor(
    context: Context,
    survey: Survey,
    options: ApplyOptions,
    emit: (event: Omit<ApplyEvent, 'time'>) => void,
  ) {
    this.#context = context;
    this.#session = openSession(context, survey);
    this.#options = options;
    this.#emit = emit;
    this.#plan = new Map(survey.plan.actions.map((action) => [action.id, action]));
  }

  /** Does one action and tells in a few words what was done. */
  async run(action: PlannedAction): Promise<string> {
    const isRemoval = action.change === 'delete' || action.reason === 'destroy';
    const { recorder } = this.#options;
    await Promise.all(action.after.map((id) => this.#openGate(id, action)));
    await recorder.begin(action.id, isRemoval ? 'deleting' : 'applying', action.objects);
    try {
      const message = isRemoval ? await this.#remove(action) : await this.#ensure(action);
      await recorder.end(action.id, 'done');
      return message;
    } catch (error) {
      await recorder.end(action.id, 'failed');
      throw error;
    }
  }

  async #ensure(action: PlannedAction): Promise<string> {
    const desired = this.#session.desired(action.id);
    if (!desired) return 'nothing to do';
    const { effect } = desired;
    for (const gate of desired.gates ?? []) await awaitCondition(gate, this.#waits(action));
    if (effect && isBefore(effect)) await this.#perform(action, desired);
    const objects = this.#session.desired(action.id)?.objects ?? [];
    const current = needsLook(action, objects) ? ((await this.#session.replan(action.id)) ?? action) : action;
    const count = await applyObjects(
      objects,
      current.objects,
      this.#session.observations,
      this.#objects(action),
    );
    this.changed += count;
    if (effect && !isBefore(effect)) await this.#perform(action, desired);
    for (const wait of desired.waits) await awaitCondition(wait, this.#waits(action));
    if (effect?.type === 'await-address')
      return `the address is ${this.#session.facts.addresses[effect.cluster]}`;
    return count === 0 ? 'nothing had to change' : `${count} ${count === 1 ? 'object' : 'objects'} applied`;
  }

  async #perform(action: PlannedAction, desired: DesiredAction): Promise<void> {
    if (!desired.effect) return;
    const result = await perform(desired.effect, {
      clusters: this.#context.clusters,
      issuer: this.#context.trust,
      options: this.#pollOptions(action),
    });
    const { certificate } = result;
    if (certificate) await this.#options.recorder.certified(certificate.name, certificate);
    await this.#session.learn(result.learn);
  }

  async #remove(action: PlannedAction): Promise<string> {
    const context = this.#objects(action);
    const swept = action.id.endsWith('/istiod-leftovers') ? await this.#leftovers(action) : [];
    const count = await deleteObjects(
      [...action.objects.filter((item) => !swept.some((late) => late.address === item.address)), ...swept],
      context,
    );
    for (const object of action.objects.filter((item) => item.change === 'update'))
      await this.#release(object);
    this.changed += count;
    return `${count} ${count === 1 ? 'object' : 'objects'} removed`;
  }

  /** istiod wrote until it ended, so what is there is read again just before it is taken away. */
  async #leftovers(action: PlannedAction): Promise<PlannedObject[]> {
    const cluster = this.#context.clusters.get(action.cluster);
    const facts = this.#session.facts.clusters[action.cluster];
    const configMaps = facts?.reachable
      ? resourceFor(facts.resources, { apiVersion: 'v1', kind: 'ConfigMap' })
      : undefined;
    if (!cluster || !configMaps) return [];
    return (await listLeftovers(cluster, configMaps)).map((object) => {
      const ref = refOf(cluster.name, object);
      const uid = object.metadata.uid ?? '';
      const address = `${cluster.name}/v1/ConfigMap/${ref.namespace}/${ref.name}`;
      return {
        ...ref,
        address,
        uid,
        change: 'delete',
        reason: 'destroy',
        patch: [],
        sensitive: false,
        unknown: [],
        force: true,
        shared: false,
      };
    });
  }

  /** An apply without fields gives back all that we owned in an object that was there before us. */
  async #release(planned: PlannedObject): Promise<void> {
    const cluster = this.#context.clusters.get(planned.cluster);
    const facts = this.#session.facts.clusters[planned.cluster];
    const resource = facts?.reachable ? resourceFor(facts.resources, planned) : undefined;
    if (!cluster || !resource) return;
    const { apiVersion, kind, name, namespace } = planned;
    const metadata = { name, ...(namespace ? { namespace } : {}) };
    await applyObject(cluster, resource, { apiVersion, kind, metadata }, { force: false });
    this.changed += 1;
  }

  /** A dependency that has nothing to change may still not be ready, e.g. after an interrupted run. */
  #openGate(id: string, dependent: PlannedAction): Promise<void> {
    const gate = this.#plan.get(id);
    const desired = this.#session.desired(id);
    if (gate?.change !== 'noop' || !desired || dependent.reason === 'destroy') return Promise.resolve();
    const known = this.#gates.get(id) ?? this.#waitFor(desired, dependent);
    this.#gates.set(id, known);
    return known;
  }

  async #waitFor(desired: DesiredAction, dependent: PlannedAction): Promise<void> {
    for (const wait of desired.waits) await awaitCondition(wait, this.#waits(dependent));
  }

  #pollOptions(action: PlannedAction) {
    return {
      timeoutMs: this.#options.timeoutMs,
      signal: this.#options.signal,
      onReason: (message: string) =>
        this.#emit({ type: 'action.progress', action: action.id, cluster: action.cluster, message }),
    };
  }

  #waits(action: PlannedAction) {
    return {
      clusters: this.#context.clusters,
      facts: () => this.#session.facts,
      fingerprintsIn: this.#context.trust.fingerprintsIn,
      onResources: (name: string, resources: ApiResource[]) => {
        const facts = this.#session.facts.clusters[name];
        if (facts?.reachable) facts.resources = resources;
      },
      options: this.#pollOptions(action),
    };
  }

  #objects(action: PlannedAction): ObjectContext {
    const { recorder } = this.#options;
    return {
      clusters: this.#context.clusters,
      facts: () => this.#session.facts,
      onApplied: (planned, uid) => recorder.applied(action.id, planned.address, uid),
      onDeleted: (planned) => recorder.deleted(action.id, planned.address),
      options: this.#pollOptions(action),
    };
  }
}
