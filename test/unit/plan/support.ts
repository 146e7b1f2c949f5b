import type { DesiredAction } from '../../../src/model/action.js';
import type { Facts } from '../../../src/model/facts.js';
import { addressOf, type KubeObject, refOf, type Unread } from '../../../src/model/kube.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import type { Observation, OwnedObject } from '../../../src/observe/observe.js';
import { buildPlan } from '../../../src/plan/plan.js';
import { clusterOf, fullFacts, meshOf } from '../compile/support.js';

export const mesh: ResolvedMesh = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')]);

export const configMap = (name: string, data: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data,
});

/** `one/c<one/a,one/b` is an action of cluster one, with one ConfigMap of its own name, after two others. */
export function actionOf(text: string, fields: Partial<DesiredAction> = {}): DesiredAction {
  const [id = '', after] = text.split('<');
  const [cluster = '', ...rest] = id.split('/');
  return {
    id,
    kind: 'workload',
    cluster,
    after: after ? after.split(',') : [],
    purpose: `purpose of ${id}`,
    objects: [{ cluster, object: configMap(rest.join('-')) }],
    waits: [],
    ...fields,
  };
}

/** The live form of an object, as the server would give it. */
export const live = (object: KubeObject, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid: `uid-of-${object.metadata.name}`, ...metadata },
});

/** There, ours, and as declared. */
export const inSync = (object: KubeObject): Observation => ({
  type: 'present',
  live: live(object),
  predicted: live(object),
  ours: true,
});

export const owned = (cluster: string, object: KubeObject): OwnedObject => ({
  cluster,
  object: live(object),
  resource: { apiVersion: object.apiVersion, kind: object.kind, plural: 'x', namespaced: true, verbs: [] },
});

export const ownedMap = (...items: OwnedObject[]) =>
  new Map(items.map((item) => [addressOf(refOf(item.cluster, item.object)), item] as const));

interface Scene {
  actions: DesiredAction[];
  /** By action id: what was seen of all its objects; what is not named is in sync. */
  seen?: Record<string, Observation>;
  /** By address, where it differs from the rest of the action. */
  each?: Record<string, Observation>;
  ours?: Map<string, OwnedObject>;
  /** What controllers left behind. */
  left?: Map<string, OwnedObject>;
  facts?: Facts;
  /** Address → UID that the state knows. */
  known?: Map<string, string>;
  /** What an earlier run began to delete. */
  leaving?: Set<string>;
  /** What could not be read. */
  unread?: Unread[];
}

/** The plan for a few actions of which the observations are given. */
export function planOf({
  actions,
  seen = {},
  each = {},
  ours = new Map(),
  left = new Map(),
  facts = fullFacts(mesh),
  known = new Map(),
  leaving = new Set(),
  unread = [],
}: Scene) {
  const objects = new Map<string, Observation>();
  for (const action of actions)
    for (const { cluster, object } of action.objects)
      objects.set(
        addressOf(refOf(cluster, object)),
        each[addressOf(refOf(cluster, object))] ?? seen[action.id] ?? inSync(object),
      );
  return buildPlan({
    mesh,
    actions,
    facts,
    observations: { objects, ours, left, unread, lost: new Map() },
    foreign: new Map(),
    known,
    leaving,
    diagnostics: [],
  });
}

/** `one/a create absent` for each action that is not a noop. */
export const changesOf = (plan: { actions: { id: string; change: string; reason: string }[] }) =>
  plan.actions
    .filter((action) => action.change !== 'noop')
    .map(({ id, change, reason }) => `${id} ${change} ${reason}`);
