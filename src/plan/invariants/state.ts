import { ancestors } from '../../graph/graph.js';
import type { DesiredAction } from '../../model/action.js';
import { addressOf, type KubeObject, parseAddress, refOf } from '../../model/kube.js';
import { ISTIO_NAMESPACE } from '../../model/names.js';
import { isUnread, type Plan, type PlannedAction, type PlannedObject } from '../../model/plan.js';
import type { Observations } from '../../observe/observe.js';

/** An object as it will be at some step. */
export interface Held {
  object: KubeObject;
  /** What the plan declares of it; left out for what the plan has not touched. */
  declared?: KubeObject;
  /** The step that makes it so; left out for what is live before the plan. */
  by?: string;
}

interface Input {
  plan: Plan;
  actions: DesiredAction[];
  observations: Observations;
}

/**
 * The clusters as they are at a step of the plan, as far as the mesh itself is concerned: what lives in
 * Istio's namespace or in none. Keys are `KIND/NAME`.
 */
export class PredictedState {
  readonly #held = new Map<string, Map<string, Held>>();
  readonly #dark = new Set<string>();
  readonly #desired: Map<string, KubeObject>;
  readonly #observations: Observations;
  readonly #first: ReadonlyMap<string, ReadonlyMap<string, Held>>;
  readonly #before: (id: string) => ReadonlySet<string>;

  /** As it is before the first step. */
  constructor({ plan, actions, observations }: Input) {
    this.#before = ancestors(plan.actions);
    this.#observations = observations;
    this.#desired = new Map(
      actions.flatMap((action) =>
        action.objects.map(({ cluster, object }) => [addressOf(refOf(cluster, object)), object] as const),
      ),
    );
    for (const { cluster, object } of observations.ours.values()) this.#put(cluster, { object });
    for (const [address, seen] of observations.objects) {
      const cluster = parseAddress(address)?.cluster;
      if (cluster === undefined) continue;
      if ('live' in seen) this.#put(cluster, { object: seen.live });
      if (seen.type === 'unreachable') this.#dark.add(cluster);
    }
    this.#first = new Map([...this.#held].map(([cluster, objects]) => [cluster, new Map(objects)]));
  }

  get(cluster: string, key: string): Held | undefined {
    return this.#held.get(cluster)?.get(key);
  }

  /** The same before the first step. */
  before(cluster: string, key: string): Held | undefined {
    return this.#first.get(cluster)?.get(key);
  }

  /** All objects of a cluster whose key begins so, by the rest of the key. */
  all(cluster: string, prefix: string): [string, Held][] {
    const entries = [...(this.#held.get(cluster) ?? [])];
    return entries.flatMap(([key, held]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), held] as [string, Held]] : [],
    );
  }

  /** A cluster that could not be read as a whole: nothing is concluded from what is not seen in it. */
  isDark(cluster: string): boolean {
    return this.#dark.has(cluster);
  }

  /** Whether the first is certain to be there when the second comes, however steps run side by side. */
  isSooner(first: Held, second: Held): boolean {
    if (first.by === undefined || second.by === undefined || first.by === second.by) return true;
    return this.#before(second.by).has(first.by);
  }

  /** Carries a step out; the keys of what changed. */
  advance(action: PlannedAction): string[] {
    if (action.change === 'blocked' || isUnread(action.reason)) return [];
    return action.objects.flatMap((planned) => this.#change(planned, action.id));
  }

  #change(planned: PlannedObject, by: string): string[] {
    const { cluster, change, address } = planned;
    if (change === 'noop' || change === 'blocked') return [];
    const declared = this.#desired.get(address);
    if (change === 'delete') {
      const key = keyOf(planned);
      if (key) this.#held.get(cluster)?.delete(key);
      return key ? [key] : [];
    }
    if (!declared) return [];
    const seen = this.#observations.objects.get(address);
    const object = seen?.type === 'present' ? seen.predicted : declared;
    const key = this.#put(cluster, { object, declared, by });
    return key ? [key] : [];
  }

  #put(cluster: string, held: Held): string | undefined {
    const { kind, metadata } = held.object;
    const key = keyOf({ kind, ...metadata });
    if (!key) return undefined;
    const known = this.#held.get(cluster) ?? new Map<string, Held>();
    this.#held.set(cluster, known.set(key, held));
    return key;
  }
}

function keyOf({ kind, name, namespace }: { kind: string; name: string; namespace?: string }) {
  return namespace === undefined || namespace === ISTIO_NAMESPACE ? `${kind}/${name}` : undefined;
}
