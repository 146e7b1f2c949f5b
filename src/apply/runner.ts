import { getObject } from '../cluster/read.js';
import type { Context, Survey } from '../engine/context.js';
import { MeshplanError } from '../errors/index.js';
import type { DesiredAction, DesiredObject, Wait } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import { type ApiResource, addressOf, refOf } from '../model/kube.js';
import { isUnread, type PlannedAction, type PlannedObject } from '../model/plan.js';
import type { RolloutTarget } from '../model/rollout.js';
import type { Observation, OwnedObject } from '../observe/observe.js';
import { isLeftOut } from '../plan/select.js';
import type { ApplyOptions } from './apply.js';
import { type Bounds, boundsFrom } from './bounds.js';
import { isBefore, perform } from './effects.js';
import { batchesOf } from './gates.js';
import type { Narrator } from './narrator.js';
import type { ObjectContext } from './object-context.js';
import { applyObjects } from './objects.js';
import { resumeRefused } from './refused-pods.js';
import { removeAll } from './remove.js';
import { refuseBare } from './restart.js';
import { retrying } from './retry.js';
import { openSession, type Session } from './session.js';
import { awaitCondition, isDeployment } from './waits.js';

/**
 * Whether an action must be compared with its cluster again before it is applied. What was absent when
 * it was planned is just created, with the values that are known by now.
 */
function needsLook(action: PlannedAction, objects: DesiredObject[]): boolean {
  const planned = new Set(action.objects.map((object) => object.address));
  const isNew = objects.some(({ cluster, object }) => !planned.has(addressOf(refOf(cluster, object))));
  // Time has passed since the plan: an authority or a Namespace that appeared meanwhile is not ours.
  const isDelicate = action.kind === 'trust' || action.kind === 'namespace';
  return (
    isNew ||
    isDelicate ||
    action.objects.some(
      ({ change, unknown }) => change === 'unknown' || (unknown.length > 0 && change !== 'create'),
    )
  );
}

/** Of an action that is selected in part, what its selected objects are waited for. */
function waitsOf({ waits }: DesiredAction, { objects }: PlannedAction): Wait[] {
  if (!objects.some(isLeftOut)) return waits;
  const isSelected = ({ kind, namespace, name }: RolloutTarget) =>
    objects.some(
      (item) => item.kind === kind && item.namespace === namespace && item.name === name && !isLeftOut(item),
    );
  return waits.filter((wait) => wait.type === 'rollout' && isSelected(wait));
}

function refusal(object: PlannedObject, observation: Observation | undefined): MeshplanError {
  const why =
    observation && 'message' in observation
      ? observation.message
      : observation && 'causes' in observation
        ? observation.causes.map((cause) => `${cause.field} (${cause.message})`).join('; ')
        : object.reason;
  return new MeshplanError('object-refused', `${object.address}: ${why}`, {
    hint: 'meshplan plan shows what stands in the way.',
  });
}

/** Two people may plan on an empty mesh; the second must not replace the authority of the first. */
function refuseAppeared(planned: PlannedAction, current: PlannedAction): void {
  const appeared = current.objects.find((object) => {
    const before = planned.objects.find((item) => item.address === object.address);
    return object.uid !== undefined && object.uid !== before?.uid;
  });
  if (!appeared) return;
  throw new MeshplanError(
    'trust-appeared',
    `${appeared.address} has been made by somebody else since the plan`,
    {
      hint: 'Nothing was replaced. Plan again, with the root key of that mesh at hand.',
    },
  );
}

/** Carries out one action after the other's order has been settled by the schedule. */
export class ActionRunner {
  /** Objects written or deleted so far. */
  changed = 0;
  readonly #context: Context;
  readonly #session: Session;
  readonly #options: ApplyOptions;
  readonly #narrator: Narrator;
  readonly #plan: Map<string, PlannedAction>;
  readonly #ours: Map<string, OwnedObject>;
  /** Waits of actions that change nothing, run once where a dependent changes something. */
  readonly #gates = new Map<string, Promise<void>>();

  constructor(context: Context, survey: Survey, options: ApplyOptions, narrator: Narrator) {
    this.#context = context;
    this.#session = openSession(context, survey);
    this.#options = options;
    this.#narrator = narrator;
    this.#ours = survey.observations.ours;
    this.#plan = new Map(survey.plan.actions.map((action) => [action.id, action]));
  }

  /** What is known by now. */
  get facts(): Facts {
    return this.#session.facts;
  }

  /** Does one action and tells in a few words what was done. */
  async run(action: PlannedAction): Promise<string> {
    const isRemoval = action.kind === 'removal' || action.change === 'delete' || action.reason === 'destroy';
    const { recorder } = this.#options;
    const bounds = this.#bounds(action);
    await Promise.all(action.after.map((id) => this.#openGate(id, action, bounds)));
    // What is left as it is has not begun, and is not on its way out.
    const begun = action.objects.filter((item) => (isRemoval ? item.change !== 'noop' : !isLeftOut(item)));
    await recorder.begin(action.id, isRemoval ? 'deleting' : 'applying', begun);
    try {
      const message = isRemoval ? await this.#remove(action, bounds) : await this.#ensure(action, bounds);
      await recorder.end(action.id, 'done');
      return message;
    } catch (error) {
      await recorder.end(action.id, 'failed');
      throw error;
    }
  }

  /** After a change of the mesh: has the pods of an unchanged workload tried again that were refused before. */
  async resume(action: PlannedAction): Promise<void> {
    if (this.changed === 0) return;
    const bounds = this.#bounds(action);
    for (const wait of this.#session.desired(action.id)?.waits ?? []) {
      const cluster = this.#context.clusters.get(wait.cluster);
      if (isDeployment(wait) && cluster) await resumeRefused(wait, cluster, bounds);
    }
  }

  #bounds(action: PlannedAction): Bounds {
    const { timeoutMs, signal } = this.#options;
    const onReason = (what: string, why: string, hint?: string) =>
      this.#narrator.waits(action, what, why, hint);
    return boundsFrom(Date.now(), { timeoutMs, signal, onReason });
  }

  async #ensure(action: PlannedAction, bounds: Bounds): Promise<string> {
    const desired = this.#session.desired(action.id);
    if (!desired) return 'nothing to do';
    const { effect } = desired;
    for (const gate of desired.gates ?? []) await awaitCondition(gate, this.#waits(), bounds);
    if (effect && isBefore(effect)) await this.#perform(desired, bounds);
    const objects = this.#session.desired(action.id)?.objects ?? [];
    const current = needsLook(action, objects) ? await this.#lookAgain(action, bounds) : action;
    let count = 0;
    for (const { gate, planned } of batchesOf(objects, current.objects)) {
      if (gate) await awaitCondition(gate, this.#waits(), bounds);
      const { observations } = this.#session;
      count += await applyObjects(objects, planned, observations, this.#objects(action, bounds));
    }
    this.changed += count;
    if (effect && !isBefore(effect)) await this.#perform(desired, bounds);
    const notes: string[] = [];
    for (const wait of waitsOf(desired, action)) {
      const note = await awaitCondition(wait, this.#waits(), bounds);
      if (note) notes.push(note);
    }
    await this.#lookAtRestarted(current);
    if (effect?.type === 'ensure-root') return 'the root certificate is made';
    if (effect?.type === 'await-address')
      return `the address is ${this.#session.facts.addresses[effect.cluster]}`;
    const done =
      count === 0 ? 'nothing had to change' : `${count} ${count === 1 ? 'object' : 'objects'} applied`;
    return [done, ...notes].join('; ');
  }

  async #lookAtRestarted({ cluster: name, objects }: PlannedAction): Promise<void> {
    const cluster = this.#context.clusters.get(name);
    if (!cluster) return;
    for (const object of objects.filter((item) => item.restart)) await refuseBare(object, cluster);
  }

  /** Plans the action with what is live now; what has become impossible is an error, not a skip. */
  async #lookAgain(action: PlannedAction, bounds: Bounds): Promise<PlannedAction> {
    const look = async () => {
      if (action.kind === 'namespace') await this.#readNamespaces(action);
      return (await this.#session.replan(action.id)) ?? action;
    };
    const current = await retrying(`${action.cluster} to be read again`, look, bounds);
    const refused = current.objects.find(({ change, reason }) => change === 'blocked' || isUnread(reason));
    if (refused) throw refusal(refused, this.#session.observations.get(refused.address));
    if (action.kind === 'trust') refuseAppeared(action, current);
    // What the server could not foretell is applied for real, and its own words tell what is wrong.
    const objects = current.objects.map((object) =>
      object.change === 'unknown' ? { ...object, change: 'update' as const } : object,
    );
    return { ...current, objects };
  }

  /** Namespaces are otherwise known from the facts alone, which were read before the plan was shown. */
  async #readNamespaces(action: PlannedAction): Promise<void> {
    for (const { cluster: home, name } of action.objects) {
      const cluster = this.#context.clusters.get(home);
      const facts = this.#session.facts.clusters[home];
      if (!cluster || !facts?.reachable) continue;
      const live = await getObject(cluster, `/api/v1/namespaces/${name}`);
      if (live) facts.namespaces.set(name, live);
      else facts.namespaces.delete(name);
    }
  }

  async #perform(desired: DesiredAction, bounds: Bounds): Promise<void> {
    if (!desired.effect) return;
    const result = await perform(desired.effect, {
      clusters: this.#context.clusters,
      issuer: this.#context.trust,
      bounds,
    });
    const { certificate } = result;
    if (certificate) await this.#options.recorder.certified(certificate.name, certificate);
    await this.#session.learn(result.learn);
  }

  async #remove(action: PlannedAction, bounds: Bounds): Promise<string> {
    const count = await removeAll(action, {
      objects: this.#objects(action, bounds),
      ours: this.#ours,
    });
    this.changed += count;
    return `${count} ${count === 1 ? 'object' : 'objects'} removed`;
  }

  /** A dependency that has nothing to change may still not be ready, e.g. after an interrupted run. */
  #openGate(id: string, dependent: PlannedAction, bounds: Bounds): Promise<void> {
    const gate = this.#plan.get(id);
    const desired = this.#session.desired(id);
    if (gate?.change !== 'noop' || !desired || dependent.reason === 'destroy') return Promise.resolve();
    // Pods of a workload that stays as it is may be ill for a reason of their own: what left goes all the same.
    if (gate.kind === 'workload' && dependent.kind === 'removal') return Promise.resolve();
    const known = this.#gates.get(id) ?? this.#waitFor(desired, bounds);
    this.#gates.set(id, known);
    return known;
  }

  async #waitFor(desired: DesiredAction, bounds: Bounds): Promise<void> {
    for (const wait of desired.waits) await awaitCondition(wait, this.#waits(), bounds);
  }

  #waits() {
    return {
      clusters: this.#context.clusters,
      facts: () => this.#session.facts,
      fingerprintsIn: this.#context.trust.fingerprintsIn,
      onResources: (name: string, resources: ApiResource[]) => {
        const facts = this.#session.facts.clusters[name];
        if (facts?.reachable) facts.resources = resources;
      },
    };
  }

  #objects(action: PlannedAction, bounds: Bounds): ObjectContext {
    const { recorder } = this.#options;
    return {
      clusters: this.#context.clusters,
      facts: () => this.#session.facts,
      onApplied: (planned, uid) => recorder.applied(action.id, planned.address, uid),
      awaitsKinds: (this.#session.desired(action.id)?.gates ?? []).length > 0,
      onDeleted: (planned) => recorder.deleted(action.id, planned.address),
      onReleased: (planned) => recorder.released(action.id, planned.address),
      bounds,
    };
  }
}
